"""The command line: options and environment in, an exit code out; one module for each command.

0: ended as asked. 1: ``health`` found no healthy server. 2: a setting, an option or an address is wrong.
Imports a server only when it is about to start one.
"""
