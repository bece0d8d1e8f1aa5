"""`python -m creditwell` is the command line."""

from creditwell.config.cli import main

main()
