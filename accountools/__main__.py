"""`python -m accountools`: the command line."""

from accountools.cli import main

if __name__ == "__main__":
    main()
