"""python -m authkit."""

import sys

from authkit.app import main

if __name__ == "__main__":
    sys.exit(main())
