"""Does the table know every option of curl, and what is to become of it?"""

import re
import subprocess
from collections.abc import Callable

import pytest

from authkit.curl import options

REFUSED = {
    "alt-svc": options.ELSEWHERE,
    "anyauth": options.OTHER_LOGIN,
    "aws-sigv4": options.SIGNS,
    "basic": options.OTHER_LOGIN,
    "continue-at": options.ADDS,
    "crlf": options.REWRITES,
    "digest": options.OTHER_LOGIN,
    "dump-ca-embed": options.SENDS_NOTHING,
    "etag-compare": options.ADDS,
    "follow": options.ELSEWHERE,
    "help": options.SENDS_NOTHING,
    "hsts": "may turn http:// into https:// after the request is signed",
    "httpsig-algo": options.SIGNS,
    "httpsig-headers": options.SIGNS,
    "httpsig-key": options.SIGNS,
    "httpsig-keyid": options.SIGNS,
    "ipfs-gateway": "rewrites the URL after the request is signed",
    "libcurl": "would write the signature to a file",
    "location": options.ELSEWHERE,
    "location-trusted": options.ELSEWHERE,
    "manual": options.SENDS_NOTHING,
    "metalink": options.SEVERAL,
    "negotiate": options.OTHER_LOGIN,
    "netrc": options.OTHER_LOGIN,
    "netrc-file": options.OTHER_LOGIN,
    "netrc-optional": options.OTHER_LOGIN,
    "next": options.SEVERAL,
    "ntlm": options.OTHER_LOGIN,
    "ntlm-wb": options.OTHER_LOGIN,
    "oauth2-bearer": options.OTHER_LOGIN,
    "parallel": options.SEVERAL,
    "parallel-immediate": options.SEVERAL,
    "parallel-max": options.SEVERAL,
    "parallel-max-host": options.SEVERAL,
    "proto-redir": options.ELSEWHERE,
    "test-duphandle": options.DEBUGS,
    "test-event": options.DEBUGS,
    "time-cond": options.ADDS,
    "use-ascii": options.REWRITES,
    "user": options.OTHER_LOGIN,
    "variable": options.EXPANDS,
    "version": options.SENDS_NOTHING,
    "wdebug": options.DEBUGS,
}
MEANT = {
    "config",
    "cookie",
    "data",
    "data-ascii",
    "data-binary",
    "data-raw",
    "data-urlencode",
    "disable",
    "form",
    "form-string",
    "get",
    "globoff",
    "head",
    "header",
    "json",
    "path-as-is",
    "proto-default",
    "range",
    "referer",
    "request",
    "request-target",
    "upload-file",
    "url",
    "url-query",
    "user-agent",
}
LETTERS = (
    "a:append b:cookie c:cookie-jar d:data e:referer f:fail g:globoff h:help i:include j:junk-session-cookies "
    "k:insecure l:list-only m:max-time n:netrc o:output p:proxytunnel q:disable r:range s:silent "
    "t:telnet-option u:user v:verbose w:write-out x:proxy y:speed-time z:time-cond A:user-agent B:use-ascii "
    "C:continue-at D:dump-header E:cert F:form G:get H:header I:head J:remote-header-name K:config L:location "
    "M:manual N:buffer O:remote-name P:ftp-port Q:quote R:remote-time S:show-error T:upload-file U:proxy-user "
    "V:version X:request Y:speed-limit Z:parallel 0:http1.0 1:tlsv1 2:sslv2 3:sslv3 4:ipv4 6:ipv6 "
    "#:progress-bar"
)


def test_what_becomes_of_each_option_is_decided_here() -> None:
    fates = {name: fate for name, _, _, fate in options.ROWS}
    assert len(fates) == len(options.ROWS) == 287
    assert {name: fate for name, fate in fates.items() if fate not in (options.KEEP, options.MEANT)} == REFUSED
    assert {name for name, fate in fates.items() if fate == options.MEANT} == MEANT
    assert options.KEEP not in REFUSED.values()
    assert options.MEANT not in REFUSED.values()


def test_the_letters() -> None:
    found = {letter: name for name, letter, _, _ in options.ROWS if letter}
    assert found == dict(pair.split(":") for pair in LETTERS.split()) | {":": "next"}
    assert len([row for row in options.ROWS if row[1]]) == len(found)
    assert set(options.OFF_LETTERS) <= set(found)


def test_the_table_is_in_order_and_repeats_nothing() -> None:
    names = [row[0] for row in options.ROWS]
    assert names == sorted(set(names))
    assert not [name for name in names if name.startswith(("no-", "expand-"))]
    assert {row[2] for row in options.ROWS} == {options.FLAG, options.ONCE, options.VALUE}


@pytest.mark.parametrize("names", [
    options.HIDES, options.LOUD, options.REROUTES, options.STDIN, options.OPENS, options.NAMES_CERTIFICATE
])  # fmt: skip
def test_the_other_lists_name_kept_options(names: "tuple[str, ...]") -> None:
    for name in names:
        row = options.by_name(name)
        assert row is not None
        assert row[3] == options.KEEP
        assert row[2] == (options.FLAG if name == "verbose" else options.VALUE)


def test_what_opens_a_key_or_names_a_certificate_may_hold_a_secret() -> None:
    assert set(options.NAMES_CERTIFICATE) < set(options.OPENS) < set(options.HIDES)


def test_finding_a_row() -> None:
    assert options.by_name("location") == ("location", "L", options.FLAG, "may send the signature to another host")
    assert options.by_name("locatio") is None
    assert options.by_letter("L") == options.by_name("location")
    assert options.by_letter("i") == options.by_name("include")
    assert options.by_letter("5") is None
    assert options.by_letter("") is None
    assert options.by_name("url") == options.URL
    assert options.beginning_with("data-") == ["data-ascii", "data-binary", "data-raw", "data-urlencode"]
    assert options.beginning_with("dog") == []


def test_every_option_of_the_installed_curl_has_a_row(require_tool: Callable[[str], str]) -> None:
    text = subprocess.run([require_tool("curl"), "--help", "all"], capture_output=True, text=True, check=True).stdout
    lines = re.findall(r"^ *(?:-(.), )? *--([a-z0-9.-]+)( <| \[)?", text, re.MULTILINE)
    assert len(lines) > 200
    for letter, name, value in lines:
        row = options.by_name(name) or options.by_name(name.removeprefix("no-"))
        assert row is not None, name
        assert row[1] == letter or name in ("show-headers", "include"), name
        if name != "help":
            assert (row[2] == options.VALUE) == bool(value), name
