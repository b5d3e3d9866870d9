"""How does each reading of method, path and query write a request that has something of everything?"""

import pytest

from authkit.explain import retarget
from authkit.explain.case import build_case
from authkit.messages.request import parse_request
from authkit.schemes.derived import AWS4
from plainsigner import Plain

PATH = "/a//./~b!:+%20%2f%3D%25/..="
QUERY = "b=2+%20~&a=/%3d&acl&B=x=y=&a=1&x=&q.x=/:,!&q=1&X-Amz-Date=1"

# reading -> what it gives, for S3

S3_PATHS: "dict[str, list[tuple[str, str]]]" = {
    "raw_path": [
        ("", "/a//./~b!:+%20%2f%3D%25/..="),
        ("", "/a//./~b!:+%20%2f%3D%25/..="),
    ],
    "path_once": [
        ("", "/a//./~b%21%3A%2B%20%2F%3D%25/..%3D"),
    ],
    "path_twice": [
        ("", "/a//./~b%21%3A%2B%2520%252f%253D%2525/..%3D"),
    ],
    "path_thrice": [],
    "path_decoded": [
        ("", "/a//./~b!:+ /=%/..="),
    ],
    "path_slashes": [
        ("a slash for %2F", "/a//./~b%21%3A%2B%20/%3D%25/..%3D"),
        ("%2F for a slash", "/a%2F%2F.%2F~b%21%3A%2B%20%2F%3D%25%2F..%3D"),
    ],
    "path_letters": [
        ("lower-case hexadecimal digits", "/a//./~b%21%3a%2b%20%2f%3d%25/..%3d"),
        ("%7E for '~'", "/a//./%7Eb%21%3A%2B%20%2F%3D%25/..%3D"),
        ("'+' for a space", "/a//./~b%21%3A%2B+%2F%3D%25/..%3D"),
        ("some characters not encoded", "/a//./~b!%3A%2B%20/%3D%25/..%3D"),
        ("some characters not encoded", "/a//./~b!:+%20/=%25/..="),
        ("some characters not encoded", "/a//./~b!:+%20%2f%3D%25/..="),
    ],
    "path_segments": [
        ("", "/a/~b%21%3A%2B%20%2F%3D%25/..%3D"),
        ("", "/a/./~b%21%3A%2B%20%2F%3D%25/..%3D"),
    ],
    "path_slash": [
        ("with", "/a//./~b%21%3A%2B%20%2F%3D%25/..%3D/"),
    ],
    "path_prefix": [
        ("without '/a'", "//./~b%21%3A%2B%20%2F%3D%25/..%3D"),
        ("without '/a/'", "/./~b%21%3A%2B%20%2F%3D%25/..%3D"),
        ("without '/a//.'", "/~b%21%3A%2B%20%2F%3D%25/..%3D"),
        ("with '/example' before it", "/example/a//./~b%21%3A%2B%20%2F%3D%25/..%3D"),
    ],
}
S3_QUERIES: "dict[str, list[tuple[str, str]]]" = {
    "query_plus": [
        ("a plus sign", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%2B%20~&q=1&q.x=%2F%3A%2C%21&x="),
        (
            "a character that stays as it is",
            "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2+%20~&q=1&q.x=%2F%3A%2C%21&x=",
        ),
    ],
    "query_raw": [
        ("", "B=x=y=&X-Amz-Date=1&a=/%3d&a=1&acl&b=2+%20~&q=1&q.x=/:,!&x="),
        ("", "B=x=y=&X-Amz-Date=1&a=/%3d&a=1&acl=&b=2+%20~&q=1&q.x=/:,!&x="),
    ],
    "query_twice": [
        ("", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%253d&a=1&acl=&b=2%2B%2520~&q=1&q.x=%2F%3A%2C%21&x="),
    ],
    "query_letters": [
        (
            "lower-case hexadecimal digits",
            "B=x%3dy%3d&X-Amz-Date=1&a=%2f%3d&a=1&acl=&b=2%20%20~&q=1&q.x=%2f%3a%2c%21&x=",
        ),
        ("%7E for '~'", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%20%20%7E&q=1&q.x=%2F%3A%2C%21&x="),
        ("'/' not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=/%3D&a=1&acl=&b=2%20%20~&q=1&q.x=/%3A%2C%21&x="),
        ("'+' for a space", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2++~&q=1&q.x=%2F%3A%2C%21&x="),
        ("some characters not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%20%20~&q=1&q.x=%2F%3A%2C!&x="),
        ("some characters not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=/%3D&a=1&acl=&b=2%20%20~&q=1&q.x=/:,!&x="),
        ("some characters not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%20%20~&q=1&q.x=%2F:%2C%21&x="),
        ("some characters not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%20%20~&q=1&q.x=%2F%3A,%21&x="),
        ("some characters not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=/%3D&a=1&acl=&b=2%20%20~&q=1&q.x=/:%2C%21&x="),
    ],
    "query_no_equals": [
        ("", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl&b=2%20%20~&q=1&q.x=%2F%3A%2C%21&x="),
        ("", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl&b=2%20%20~&q=1&q.x=%2F%3A%2C%21&x"),
    ],
    "query_cut": [
        ("the value cut at a second '='", "B=x&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%20%20~&q=1&q.x=%2F%3A%2C%21&x="),
        ("parameters without a value left out", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&b=2%20%20~&q=1&q.x=%2F%3A%2C%21"),
    ],
    "query_repeats": [
        ("the first", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&acl=&b=2%20%20~&q=1&q.x=%2F%3A%2C%21&x="),
        ("the last", "B=x%3Dy%3D&X-Amz-Date=1&a=1&acl=&b=2%20%20~&q=1&q.x=%2F%3A%2C%21&x="),
    ],
    "query_none": [
        ("", "X-Amz-Date=1"),
    ],
    "query_order": [
        ("as sent", "b=2%20%20~&a=%2F%3D&acl=&B=x%3Dy%3D&a=1&x=&q.x=%2F%3A%2C%21&q=1&X-Amz-Date=1"),
        ("sorted by name alone", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%20%20~&q=1&q.x=%2F%3A%2C%21&x="),
        (
            "sorted with the '=' between name and value",
            "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%20%20~&q.x=%2F%3A%2C%21&q=1&x=",
        ),
        (
            "sorted without regard to case",
            "a=%2F%3D&a=1&acl=&b=2%20%20~&B=x%3Dy%3D&q.x=%2F%3A%2C%21&q=1&X-Amz-Date=1&x=",
        ),
        (
            "sorted before they were encoded",
            "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%20%20~&q=1&q.x=%2F%3A%2C%21&x=",
        ),
    ],
}
# and for every other service
PATHS: "dict[str, list[tuple[str, str]]]" = {
    "raw_path": [
        ("", "/a/~b!:+%20%2f%3D%25/..="),
        ("", "/a//./~b!:+%20%2f%3D%25/..="),
    ],
    "path_once": [
        ("", "/a/~b%21%3A%2B%20%2F%3D%25/..%3D"),
    ],
    "path_twice": [
        ("", "/a/~b%21%3A%2B%2520%252f%253D%2525/..%3D"),
    ],
    "path_thrice": [
        ("", "/a/~b%2521%253A%252B%252520%25252f%25253D%252525/..%253D"),
    ],
    "path_decoded": [
        ("", "/a/~b!:+ /=%/..="),
    ],
    "path_slashes": [
        ("a slash for %2F", "/a/~b%21%3A%2B%20/%3D%25/..%3D"),
        ("%2F for a slash", "/a%2F~b%21%3A%2B%20%2F%3D%25%2F..%3D"),
    ],
    "path_letters": [
        ("lower-case hexadecimal digits", "/a/~b%21%3a%2b%2520%252f%253D%2525/..%3d"),
        ("%7E for '~'", "/a/%7Eb%21%3A%2B%2520%252f%253D%2525/..%3D"),
        ("'+' for a space", "/a/~b%21%3A%2B%2520%252f%253D%2525/..%3D"),
        ("some characters not encoded", "/a/~b!%3A%2B%20/%3D%25/..%3D"),
        ("some characters not encoded", "/a/~b!:+%20/=%25/..="),
        ("some characters not encoded", "/a/~b!:+%20%2f%3D%25/..="),
    ],
    "path_segments": [
        ("", "/a//./~b%21%3A%2B%2520%252f%253D%2525/..%3D"),
        ("", "/a/./~b%21%3A%2B%2520%252f%253D%2525/..%3D"),
    ],
    "path_slash": [
        ("with", "/a/~b%21%3A%2B%2520%252f%253D%2525/..%3D/"),
    ],
    "path_prefix": [
        ("without '/a'", "/~b%21%3A%2B%2520%252f%253D%2525/..%3D"),
        ("without '/a/~b%21%3A%2B%2520%252f%253D%2525'", "/..%3D"),
        ("with '/example' before it", "/example/a/~b%21%3A%2B%2520%252f%253D%2525/..%3D"),
    ],
}
QUERIES: "dict[str, list[tuple[str, str]]]" = {
    "query_plus": [
        ("a space", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%20%20~&q=1&q.x=%2F%3A%2C%21&x="),
        (
            "a character that stays as it is",
            "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2+%20~&q=1&q.x=%2F%3A%2C%21&x=",
        ),
    ],
    "query_letters": [
        (
            "lower-case hexadecimal digits",
            "B=x%3dy%3d&X-Amz-Date=1&a=%2f%3d&a=1&acl=&b=2%2b%20~&q=1&q.x=%2f%3a%2c%21&x=",
        ),
        ("%7E for '~'", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%2B%20%7E&q=1&q.x=%2F%3A%2C%21&x="),
        ("'/' not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=/%3D&a=1&acl=&b=2%2B%20~&q=1&q.x=/%3A%2C%21&x="),
        ("'+' for a space", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%2B+~&q=1&q.x=%2F%3A%2C%21&x="),
        ("some characters not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%2B%20~&q=1&q.x=%2F%3A%2C!&x="),
        ("some characters not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=/%3D&a=1&acl=&b=2%2B%20~&q=1&q.x=/:,!&x="),
        ("some characters not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%2B%20~&q=1&q.x=%2F:%2C%21&x="),
        ("some characters not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=%2F%3D&a=1&acl=&b=2%2B%20~&q=1&q.x=%2F%3A,%21&x="),
        ("some characters not encoded", "B=x%3Dy%3D&X-Amz-Date=1&a=/%3D&a=1&acl=&b=2%2B%20~&q=1&q.x=/:%2C%21&x="),
    ],
}


@pytest.mark.parametrize(
    ("service", "table", "part"),
    [("s3", S3_PATHS, "path"), ("s3", S3_QUERIES, "query"), ("es", PATHS, "path"), ("es", QUERIES, "query")],
)
def test_every_reading(service: str, table: "dict[str, list[tuple[str, str]]]", part: str) -> None:
    request = parse_request(Plain(url=f"{PATH}?{QUERY}", service=service).message())
    case = build_case(request, AWS4, None, None, {"region": None, "service": None}, (None, None))
    assert case.view is not None
    for name, expected in table.items():
        found = [(detail, getattr(view, part)) for detail, view in getattr(retarget, name)(case, case.view)]
        assert (name, found) == (name, expected)
