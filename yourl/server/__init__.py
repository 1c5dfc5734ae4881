"""The Gunicorn side: what starts the server, forks, waits for clients and writes its logs."""
