"""What does RC2 decrypt to, which old PKCS#12 files use and pyca does not offer with short keys?"""

# RFC 2268 §2
_PI = bytes.fromhex(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2"
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82"
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7"
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec"
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9"
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"
)
_TURNS = (1, 2, 3, 5)
BLOCK = 8
# a second of work, and far more than the certificates of a file that is as old as RC2
MOST_BYTES = 2**18
# what a byte takes, in steps of `price`
STEPS = 8


def decrypt_cbc(key: bytes, effective: int, iv: bytes, data: bytes) -> bytes:
    """Decrypt whole blocks of *data*; padding stays.

    Args:
        key: 1 to 128 bytes.
        effective: bits of it that count, 1 to 1024.
        iv: bytes, 8.
        data: what follows its last whole block is left out.

    Source:
        RFC 2268 §2, §4.
        Deviations: no encryption; it is here to read old files, and protects nothing.
    """
    words, out, before = _expand(key, effective), [], iv
    for at in range(0, len(data) - len(data) % BLOCK, BLOCK):
        block = data[at : at + BLOCK]
        out.append(bytes([one ^ two for one, two in zip(_decrypt_block(words, block), before)]))
        before = block
    return b"".join(out)


def _expand(key: bytes, effective: int) -> "list[int]":
    size, kept = len(key), (effective + 7) // 8
    table = bytearray(key)
    for at in range(size, 128):
        table.append(_PI[(table[at - 1] + table[at - size]) & 255])
    table[128 - kept] = _PI[table[128 - kept] & (255 >> (8 * kept - effective))]
    for at in range(127 - kept, -1, -1):
        table[at] = _PI[table[at + 1] ^ table[at + kept]]
    return [table[at] | table[at + 1] << 8 for at in range(0, 128, 2)]


def _decrypt_block(words: "list[int]", block: bytes) -> bytes:
    state = [block[at] | block[at + 1] << 8 for at in range(0, BLOCK, 2)]
    at = 63
    for mixes in (5, 6, 5):
        for _ in range(mixes):
            for i in (3, 2, 1, 0):
                turned = state[i] >> _TURNS[i] | state[i] << 16 - _TURNS[i]
                near, middle, far = state[i - 1], state[i - 2], state[i - 3]
                state[i] = turned - words[at] - (near & middle) - (~near & far) & 0xFFFF
                at -= 1
        if at > 0:
            for i in (3, 2, 1, 0):
                state[i] = state[i] - words[state[i - 1] & 63] & 0xFFFF
    return b"".join([word.to_bytes(2, "little") for word in state])
