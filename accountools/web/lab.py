"""JupyterLab as `accountools lab` starts it, in a process of its own (`python -m accountools.web.lab`)."""

from accountools.web.forked_kernels import SOURCE

if __name__ == "__main__":
    SOURCE.start()  # it imports the program while this process imports the server

    from jupyterlab.labapp import main

    from accountools.web import server_process

    server_process.prepare()
    server_process.run(main)
