"""Does the help of an option name the default that it has with a scheme?"""

from authkit.schemes import find, options


def test_another_default() -> None:
    assert options.with_default(options.REGION, None) is options.REGION
    found = options.with_default(options.REGION, "[auto]")
    assert found == (*options.REGION[:3], "the region to sign for [auto]", None)
    assert options.with_default(options.REGION, "")[3] == "the region to sign for"


def test_the_defaults_that_are_said() -> None:
    said = {}
    for name in ("sigv4a", "aws4-x509", "goog4-rsa"):
        scheme = find(name)
        for rows in (scheme.sign_options, scheme.verify_options):
            said[name, rows is scheme.sign_options] = [row[3] for row in rows if row[0] in ("--region", "--service")]
    region, service = "the region to sign for", "the service to sign for"
    must = ["the region the request must be signed for", "the service the request must be signed for"]
    assert said == {
        ("sigv4a", True): [f"{region} [--region-set]", f"{service} [the URL's]"],
        ("sigv4a", False): must,
        ("aws4-x509", True): [f"{region} [the URL's]", f"{service} [rolesanywhere]"],
        ("aws4-x509", False): [must[0], f"{must[1]} [rolesanywhere]"],
        ("goog4-rsa", True): [f"{region} [auto]", f"{service} [storage]"],
        ("goog4-rsa", False): [f"{must[0]} [auto]", f"{must[1]} [storage]"],
    }
