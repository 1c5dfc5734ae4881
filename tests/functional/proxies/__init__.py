"""Real proxies as child processes, configured by the files in docs/proxies: one module per product.

The files are used as they are, apart from ports and paths, which are exchanged by exact text.
"""
