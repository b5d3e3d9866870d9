"""Do any K of N shares bring a secret back, and nothing else?"""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from shamir_mnemonic import combine_mnemonics, generate_mnemonics

from authkit import base64
from authkit.ceremony import shares
from authkit.ceremony.shares import Share, combine, decode_secret, encode_secret, parse_share, split_secret
from authkit.errors import InputError, Refused

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
DATA = encode_secret(SECRET)
MADE = split_secret(DATA, 2, 3)
OTHER = MADE
while OTHER[0].split(" ")[:2] == MADE[0].split(" ")[:2]:  # one set in 32,768 begins like another
    OTHER = split_secret(DATA, 2, 3)


def named(words: list[str]) -> list[Share]:
    return [parse_share(one, f"{'abcdefghijklmnop'[place]}.txt") for place, one in enumerate(words)]


def refused(words: list[str]) -> tuple[str, "str | None"]:
    with pytest.raises(Refused) as caught:
        combine(named(words))
    return caught.value.message, caught.value.hint


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (SECRET, b"\x00\x00" + (base64.decode(SECRET) or b"")),
        ("minioadmin-1234", b"\x01\x01minioadmin-1234\x00"),
        ("minioadmin-12345", b"\x01\x00minioadmin-12345"),
        ("x" * 40 + "=", b"\x01\x01" + b"x" * 40 + b"=\x00"),
        (SECRET[:36], b"\x01\x00" + SECRET[:36].encode()),  # base64 of 27 bytes
        (SECRET[:39] + "-", b"\x01\x00" + SECRET[:39].encode() + b"-"),
        ("with a space in it", b"\x01\x00with a space in it"),
    ],
)
def test_the_bytes_are_those_of_the_format(text: str, data: bytes) -> None:
    assert encode_secret(text) == data
    assert decode_secret(data) == text
    assert len(data) % 2 == 0


@pytest.mark.parametrize(
    "data",
    [
        b"\x02\x00" + bytes(30),
        b"\x00\x01" + bytes(30),
        b"\x00\x00" + bytes(29),
        b"\x00\x00" + bytes(32),
        b"\x01\x02" + b"x" * 28 + bytes(2),
        b"\x01\x01" + b"x" * 30,
        b"\x01\x00" + b"x" * 29 + b"\x00",
        b"\x01\x00" + b"x" * 29 + b"\xe9",
        b"\xff" * 32,
    ],
)
def test_other_bytes_are_no_secret(data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        decode_secret(data)
    assert caught.value.message == "the shares fit together, and what they give is no secret of authkit"


def test_a_secret_of_aws_takes_33_words() -> None:
    assert [len(one.split(" ")) for one in MADE] == [33] * 3


def test_each_pair_restores_and_one_alone_does_not() -> None:
    for pair in itertools.permutations(MADE, 2):
        assert decode_secret(combine(named(list(pair)))) == SECRET
    for one in MADE:
        first = parse_share(one, "a.txt")
        told = "1 of the 2 shares that are needed: one more is missing"
        assert refused([one]) == (told, f"the words of all shares of this set begin with '{first.set}'")
    assert decode_secret(combine(named(MADE))) == SECRET


def test_three_of_five() -> None:
    made = split_secret(DATA, 3, 5)
    for some in itertools.combinations(made, 3):
        assert combine(named(list(some))) == DATA
    assert refused(made[:1])[0] == "1 of the 3 shares that are needed: 2 more are missing"
    assert refused(made[:2])[0] == "2 of the 3 shares that are needed: one more is missing"
    assert combine(named(made)) == DATA


def test_another_program_reads_and_writes_the_same() -> None:
    assert combine_mnemonics(MADE[1:]) == DATA
    theirs = generate_mnemonics(1, [(2, 2)], DATA, iteration_exponent=1, extendable=False)[0]
    assert combine(named(theirs)) == DATA


def test_what_a_share_says_of_itself() -> None:
    second = parse_share(MADE[1], "b.txt")
    assert (second.number, second.needed, second.what) == (2, 2, "b.txt")
    assert second.set == " ".join(MADE[0].split(" ")[:2])
    assert repr(second) == f"<Share 2 {second.set}>"


def test_the_same_secret_is_never_split_alike() -> None:
    assert set(MADE) & set(OTHER) == set()


def test_shares_of_two_sets_are_refused_by_name() -> None:
    one, other = parse_share(MADE[0], "a.txt").set, parse_share(OTHER[1], "b.txt").set
    told = f"a.txt is of the set '{one}' and b.txt of '{other}', so they never fit together"
    assert refused([MADE[0], OTHER[1]]) == (told, "the first two words of all shares of a set are the same")


def test_a_share_twice_is_refused_by_name() -> None:
    assert refused([MADE[2], MADE[2]]) == ("a.txt and b.txt are both share 3", None)


def test_a_third_share_that_does_not_fit_is_refused_by_name() -> None:
    from shamir_mnemonic.share import Share as Parsed

    right = Parsed.from_mnemonic(MADE[2])
    wrong = Parsed(
        *right.group_parameters()[:3], 0, 1, 1, right.index, 2, bytes([right.value[0] ^ 1]) + right.value[1:]
    )
    told = refused([MADE[0], MADE[1], wrong.mnemonic()])
    assert told == ("the shares do not fit together: b.txt, c.txt", "one of them is of another splitting")


def test_shares_of_two_splittings_that_begin_alike_are_refused_by_name() -> None:
    from shamir_mnemonic.share import Share as Parsed

    right = Parsed.from_mnemonic(MADE[1])
    wrong = Parsed(*right.group_parameters()[:3], 0, 1, 1, right.index, 3, right.value)
    assert refused([MADE[0], wrong.mnemonic()]) == ("a.txt and b.txt were not split together", None)


def test_more_shares_must_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Recovered:
        def __init__(self, data: bytes) -> None:
            self.data = data

        def decrypt(self, passphrase: bytes) -> bytes:
            assert passphrase == b""
            return self.data

    monkeypatch.setattr(shares, "_recover", lambda some: Recovered(some[-1].what.encode()))
    assert refused(MADE)[0] == "c.txt does not fit the other shares"


def test_a_word_may_be_cut_after_four_letters() -> None:
    short = " ".join([word[:4] for word in MADE[0].split(" ")])
    assert parse_share(short, "a.txt").words == MADE[0]


@pytest.mark.parametrize("word", ["", "aca", "academics", "acadx", "zzzz", "Academic", "academ"])
def test_a_word_that_is_none_is_named_by_its_place(word: str) -> None:
    words = MADE[0].split(" ")
    words[6] = word
    with pytest.raises(InputError) as caught:
        parse_share(" ".join(words), "a.txt")
    assert caught.value.message == "a.txt: word 7 is not one of the words of SLIP-39"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("place", [0, 4, 20, 32])
def test_a_wrong_word_is_named_by_its_share(place: int) -> None:
    words = MADE[0].split(" ")
    words[place] = "acid" if words[place] != "acid" else "acne"
    with pytest.raises(InputError) as caught:
        parse_share(" ".join(words), "a.txt")
    assert caught.value.message == "a.txt: its words do not fit its checksum, so one is mistyped"
    assert caught.value.__cause__ is None


def test_too_few_words_are_no_share() -> None:
    with pytest.raises(InputError) as caught:
        parse_share(" ".join(MADE[0].split(" ")[:12]), "a.txt")
    assert caught.value.message == "a.txt: not a share of SLIP-39"


@pytest.mark.parametrize(("length", "works"), [(13, True), (12, False), (14, True), (254, True), (255, False)])
def test_how_long_a_secret_may_be(length: int, works: bool) -> None:
    data = encode_secret("." * length)
    if works:
        assert combine(named(split_secret(data, 2, 2))) == data
        return
    with pytest.raises(Refused) as caught:
        split_secret(data, 2, 2)
    short = "the secret is too short for shares"
    long = "the key is too long for shares: 258 bytes, and 256 at most"
    assert caught.value.message == (short if length < 16 else long)


def test_without_the_library_it_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['shamir_mnemonic'] = None\n"
        "from authkit.ceremony import shares; from authkit.errors import Refused\n"
        "for call in (lambda: shares.parse_share('x', 'x'), lambda: shares.split_secret(bytes(32), 2, 3)):\n"
        "    try:\n        call()\n    except Refused as error:\n        print(error.message, '|', error.hint)\n"
    )
    package = str(Path(shares.__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env={"PYTHONPATH": package})
    told = "shares need the library shamir-mnemonic, which is not installed | pip install 'authkit[shares]'\n"
    assert (done.stdout, done.stderr) == (told * 2, "")


def test_the_missing_library_is_refused_here_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shamir_mnemonic", None)
    with pytest.raises(Refused, match="which is not installed"):
        split_secret(DATA, 2, 3)
