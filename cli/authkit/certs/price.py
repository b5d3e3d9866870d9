"""May what a password opens be paid for, all of it together?"""

from authkit.certs import der
from authkit.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from authkit.certs.pbe import Encryption

# hash steps in C for one input, here and in pyca; some 0.3 microseconds each, so about three seconds
MOST_STEPS = 10_000_000
# hash steps in Python: about two seconds.  A million iterations, as `openssl pkcs12 -legacy -iter` may ask for, take
# two million for the MAC and three for a key of 3DES.
MOST_PYTHON_STEPS = 6_000_000
# what one derivation costs however few its iterations are
LEAST_STEPS = 1_000

_HINT = "a file like this is made to keep a machine busy; ask for another"


class Password:
    """The password of one input, and what may still be spent on trying it.

    Attributes:
        steps: how many hash steps may still be made in C.
        python_steps: how many in Python.
        elements: as many items as elements of BER may still be read from under the password.
    """

    __slots__ = ("_ask", "_given", "steps", "python_steps", "elements")

    def __init__(self, ask: "Callable[[], bytes]") -> None:
        self._ask = ask
        self._given: "bytes | None" = None
        self.steps = MOST_STEPS
        self.python_steps = MOST_PYTHON_STEPS
        self.elements = iter(range(der.MOST_ELEMENTS))

    def __call__(self) -> bytes:
        """Return the password, which is asked for once."""
        if self._given is None:
            self._given = self._ask()
        return self._given

    def spend(self, used: "Encryption", what: str, *, here: int = 0, elsewhere: int = 0, more: int = 0) -> None:
        """Set aside what deriving keys will cost.

        Args:
            used: how.
            what: the input.
            here: how often a key is derived here; whether that is done in Python is known of *used*.
            elsewhere: how often pyca derives it.
            more: what is done in Python besides, in steps.

        Raises:
            InputError: if that is more than is left.
        """
        each = used.steps + LEAST_STEPS
        in_python = here if used.in_python else 0
        steps = self.steps - each * (here - in_python + elsewhere)
        python_steps = self.python_steps - each * in_python - more
        if steps < 0 or python_steps < 0:
            most = MOST_STEPS if steps < 0 else MOST_PYTHON_STEPS
            raise InputError(f"{what}: with {used}, opening it takes more than {most} hash steps in all", _HINT)
        self.steps, self.python_steps = steps, python_steps


def password_of(password: "Callable[[], bytes]") -> Password:
    """Return what gives the password together with what may be spent on it."""
    return password if isinstance(password, Password) else Password(password)
