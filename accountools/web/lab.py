"""JupyterLab as `accountools lab` starts it, in a process of its own (`python -m accountools.web.lab`)."""

from jupyterlab.labapp import main

from accountools.web import server_process

if __name__ == "__main__":
    server_process.prepare()
    main()
