"""The vendors' own signers as a filter: jobs in, what they made of them out; runs in .interop/vendors, not here."""

import base64
import json
import sys
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote


def huawei(job: "dict[str, Any]") -> "dict[str, Any]":
    from huaweicloudsdkcore.sdk_request import SdkRequest
    from huaweicloudsdkcore.signer.signer import DerivationAKSKSigner, Signer

    request = SdkRequest(
        method=job["method"],
        schema="https",
        host=job["host"],
        resource_path=job["path"],
        query_params=[tuple(pair) for pair in job["query"]],
        header_params={**job["headers"], "X-Sdk-Date": job["stamp"]},
        body=base64.b64decode(job["body"]),
    )
    owner = SimpleNamespace(ak=job["id"], sk=job["secret"])
    if "region" in job:
        DerivationAKSKSigner(owner).sign(request, job["service"], job["region"])
    else:
        Signer(owner).sign(request)
    return {"authorization": request.header_params["Authorization"], "headers": request.header_params}


def acs3(job: "dict[str, Any]") -> "dict[str, Any]":
    from alibabacloud_openapi_util.client import Client

    headers = {**job["headers"], "host": job["host"], "x-acs-date": job["stamp"]}
    headers |= {"x-acs-signature-nonce": job["nonce"], "x-acs-content-sha256": job["hash"]}
    request = SimpleNamespace(
        method=job["method"],
        pathname=quote(job["path"], safe="/~"),
        query=dict(job["query"]),
        headers=headers,
    )
    made = Client.get_authorization(request, "ACS3-HMAC-SHA256", job["hash"], job["id"], job["secret"])
    return {"authorization": made, "headers": headers}


def azure(job: "dict[str, Any]") -> "dict[str, Any]":
    from azure.core.pipeline import PipelineContext, PipelineRequest
    from azure.core.pipeline.transport import HttpRequest
    from azure.storage.blob._shared.authentication import SharedKeyCredentialPolicy

    request = HttpRequest(job["method"], f"https://{job['host']}{job['target']}", headers=job["headers"])
    request.headers["x-ms-date"] = job["stamp"]
    SharedKeyCredentialPolicy(job["id"], job["secret"]).on_request(PipelineRequest(request, PipelineContext(None)))
    return {"authorization": request.headers["Authorization"], "headers": dict(request.headers)}


def eg1(job: "dict[str, Any]") -> "dict[str, Any]":
    import requests
    from akamai.edgegrid.edgegrid import EdgeGridAuthHeaders

    signer = EdgeGridAuthHeaders(
        job["id"], job["secret"], job["token"], headers_to_sign=job["names"], max_body=job["max_body"]
    )
    request = requests.PreparedRequest()
    request.prepare_method(job["method"])
    request.url = f"https://{job['host']}{job['target']}"
    request.prepare_headers({**job["headers"], "Host": job["host"]})
    request.body = base64.b64decode(job["body"])
    return {"authorization": signer.make_auth_header(request, job["stamp"], job["nonce"]), "headers": job["headers"]}


def httpsig(job: "dict[str, Any]") -> "dict[str, Any]":
    from httpsig import HeaderSigner, HeaderVerifier

    names = job["names"]
    signer = HeaderSigner(job["id"], job["secret"], job["algorithm"], names, job["carrier"])
    made = signer.sign(job["headers"], job["host"], job["method"], job["target"])
    good = None
    if "signed" in job:
        checker = HeaderVerifier(
            job["signed"], job["public"], names, job["method"], job["target"], job["host"], job["carrier"]
        )
        good = checker.verify()
    return {"authorization": made[job["carrier"]], "good": good}


PEERS = {"huawei": huawei, "acs3": acs3, "azure": azure, "eg1": eg1, "httpsig": httpsig}

if __name__ == "__main__":
    sys.stdout.write(json.dumps([PEERS[job["peer"]](job) for job in json.load(sys.stdin)]))
