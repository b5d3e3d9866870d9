"""Signature schemes: one file each, one row each; those of the table of derived keys have their row there."""

# name of --scheme -> the module that holds its SCHEME, and the label that a key records
SCHEMES: "dict[str, tuple[str, str]]" = {}
