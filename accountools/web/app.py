"""The pages as `accountools app` starts them, in a process of its own (`python -m accountools.web.app`)."""

from accountools.web.forked_kernels import SOURCE

if __name__ == "__main__":
    SOURCE.start()  # it imports the program while this process imports the server

    from accountools.web import serve, server_process

    server_process.run(serve.main)
