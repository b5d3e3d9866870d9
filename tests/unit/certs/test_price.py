"""Is all that a password opens paid out of one purse?"""

import pytest

from authkit.certs.der import MOST_ELEMENTS
from authkit.certs.pbe import Encryption
from authkit.certs.price import LEAST_STEPS, MOST_PYTHON_STEPS, MOST_STEPS, Password, password_of
from authkit.errors import InputError

IN_C = Encryption("x", 7, False, 9)
IN_PYTHON = Encryption("y", 7, False, 9, True)


def test_the_password_is_asked_for_once() -> None:
    asked: list[int] = []

    def ask() -> bytes:
        asked.append(1)
        return b""

    password = Password(ask)
    assert not asked
    assert (password(), password()) == (b"", b"")
    assert asked == [1]
    assert password_of(password) is password
    assert password_of(ask)() == b""
    assert isinstance(password_of(ask), Password)


def test_what_there_is_at_first() -> None:
    password = Password(bytes)
    assert (password.steps, password.python_steps) == (MOST_STEPS, MOST_PYTHON_STEPS) == (10_000_000, 6_000_000)
    assert len(list(password.elements)) == MOST_ELEMENTS
    assert LEAST_STEPS == 1000


@pytest.mark.parametrize(
    ("used", "here", "elsewhere", "more", "steps", "python_steps"),
    [
        (IN_C, 0, 0, 0, 0, 0),
        (IN_C, 1, 0, 0, 1009, 0),
        (IN_C, 2, 3, 0, 5045, 0),
        (IN_C, 0, 1, 5, 1009, 5),
        (IN_PYTHON, 1, 0, 0, 0, 1009),
        (IN_PYTHON, 2, 3, 4, 3027, 2022),
    ],
)
def test_what_is_left(used: Encryption, here: int, elsewhere: int, more: int, steps: int, python_steps: int) -> None:
    password = Password(bytes)
    password.spend(used, "a", here=here, elsewhere=elsewhere, more=more)
    assert (MOST_STEPS - password.steps, MOST_PYTHON_STEPS - password.python_steps) == (steps, python_steps)


def test_what_is_not_named_costs_nothing() -> None:
    password = Password(bytes)
    for used in (IN_C, IN_PYTHON):
        password.spend(used, "a")
    assert (password.steps, password.python_steps) == (MOST_STEPS, MOST_PYTHON_STEPS)


def test_which_of_the_two_runs_out_is_named() -> None:
    all = Encryption("z", MOST_STEPS - LEAST_STEPS, False)
    with pytest.raises(InputError, match="takes more than 6000000 hash steps"):
        Password(bytes).spend(all, "a", elsewhere=1, more=MOST_PYTHON_STEPS + 1)


def test_steps_are_never_fewer_than_iterations() -> None:
    assert Encryption("x", 7, False).steps == 7
    assert Encryption("x", 7, False, 3).steps == 7
    assert not Encryption("x", 7, False).in_python


@pytest.mark.parametrize(("in_python", "most"), [(False, MOST_STEPS), (True, MOST_PYTHON_STEPS)])
def test_the_last_step_is_borne_and_one_more_is_not(in_python: bool, most: int) -> None:
    all = Encryption("z", most - LEAST_STEPS, False, 0, in_python)
    one_more = Encryption("z", most - LEAST_STEPS + 1, False, 0, in_python)
    password = Password(bytes)
    with pytest.raises(InputError) as caught:
        password.spend(one_more, "a.p12", here=1)
    assert caught.value.message == (
        f"a.p12: with z, {most - 999} iterations, opening it takes more than {most} hash steps in all"
    )
    assert caught.value.hint == "a file like this is made to keep a machine busy; ask for another"
    # what is refused is not spent
    password.spend(all, "a.p12", here=1)
    assert (password.python_steps if in_python else password.steps) == 0
    with pytest.raises(InputError):
        password.spend(Encryption("z", 0, False, 0, in_python), "a.p12", here=1)


def test_what_is_done_besides_is_counted() -> None:
    password = Password(bytes)
    password.spend(Encryption("z", 0, False), "a", more=MOST_PYTHON_STEPS)
    with pytest.raises(InputError, match="takes more than 6000000 hash steps"):
        password.spend(Encryption("z", 0, False), "a", more=1)
