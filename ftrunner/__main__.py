"""`python -m ftrunner`."""

from ftrunner.cli.main import main

if __name__ == "__main__":
    main()
