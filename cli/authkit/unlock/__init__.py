"""What opens the folder store: which ways are there?"""

# way, as store.json records it -> (module, what it is)
ROWS = {
    "keyring": ("authkit.unlock.keyring", "the keyring of the desktop session"),
    "passphrase": ("authkit.unlock.passphrase", "a passphrase that a person types"),
}
