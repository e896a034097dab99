#!/usr/bin/env python3
"""Is this S3 server good enough for Refit? Refit publishes by conditional create: of all writers, exactly one wins.

    eval "$(deploy/services.sh env)" && python3 deploy/services/s3check.py [rounds] [writers]

Standard library only, so that no client's retries or checks stand between the question and the answer.
"""

import datetime
import hashlib
import hmac
import http.client
import os
import re
import sys
import threading
import time
import urllib.parse
import uuid

ENDPOINT = urllib.parse.urlsplit(os.environ["REFIT_TEST_S3_ENDPOINT"])
BUCKET = os.environ["REFIT_TEST_S3"].removeprefix("s3://").split("/")[0]
ACCESS, SECRET = os.environ["REFIT_TEST_S3_ACCESS_KEY"], os.environ["REFIT_TEST_S3_SECRET_KEY"]
REGION = "us-east-1"
PREFIX = f"s3check-{uuid.uuid4().hex}/"


def sign(method, path, query, body, headers, secret=SECRET):
    """The headers of a request, signed (AWS Signature Version 4)."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    digest = hashlib.sha256(body).hexdigest()
    headers = {**headers, "host": ENDPOINT.netloc, "x-amz-date": now, "x-amz-content-sha256": digest}
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = "\n".join([method, path, query, lines, names, digest])
    scope = f"{now[:8]}/{REGION}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    return {
        **headers,
        "content-length": str(len(body)),
        "authorization": f"AWS4-HMAC-SHA256 Credential={ACCESS}/{scope}, SignedHeaders={names}, Signature={signature}",
    }


def connect():
    secure = ENDPOINT.scheme == "https"
    return (http.client.HTTPSConnection if secure else http.client.HTTPConnection)(ENDPOINT.netloc, timeout=60)


def call(method, key="", query=None, body=b"", headers=None, before_body=lambda: None, secret=SECRET):
    """One request on a connection of its own; `before_body` runs when the headers are out and the body is not."""
    path = urllib.parse.quote(f"/{BUCKET}/{key}")
    query = urllib.parse.urlencode(sorted((query or {}).items()), quote_via=urllib.parse.quote)
    connection = connect()
    connection.putrequest(method, f"{path}?{query}" if query else path, skip_host=True, skip_accept_encoding=True)
    for name, value in sign(method, path, query, body, headers or {}, secret).items():
        connection.putheader(name, value)
    connection.endheaders()
    before_body()
    connection.send(body)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    return answer.status, data, {name.lower(): value for name, value in answer.getheaders()}


def expect(what, got, *wanted):
    if got not in wanted:
        sys.exit(f"s3check: {what}: {got}, expected {' or '.join(map(str, wanted))}")


def check_operations():
    big = os.urandom(5 << 20)
    expect("a request signed with a wrong key", call("GET", query={"list-type": "2"}, secret="wrong")[0], 403)
    expect("create", call("PUT", PREFIX + "a b/ü", body=b"one", headers={"if-none-match": "*"})[0], 200)
    expect("create again", call("PUT", PREFIX + "a b/ü", body=b"two", headers={"if-none-match": "*"})[0], 412)
    expect("the first stays", call("GET", PREFIX + "a b/ü")[1], b"one")
    expect("plain overwrite", call("PUT", PREFIX + "a b/ü", body=b"0123456789")[0], 200)
    status, data, _ = call("GET", PREFIX + "a b/ü", headers={"range": "bytes=3-5"})
    expect("range", (status, data), (206, b"345"))
    expect("head of nothing", call("HEAD", PREFIX + "nothing")[0], 404)
    expect("get of nothing", call("GET", PREFIX + "nothing")[0], 404)

    for attempt, wanted in (1, (200,)), (2, (412,)):
        status, data, _ = call("POST", PREFIX + "big", {"uploads": ""})
        expect("begin of an upload", status, 200)
        upload = re.search(rb"<UploadId>(.+?)</UploadId>", data)[1].decode()
        tags = []
        for part, body in enumerate((big, b"tail"), 1):
            status, _, headers = call("PUT", PREFIX + "big", {"partNumber": str(part), "uploadId": upload}, body)
            expect("part", status, 200)
            tags.append(f"<Part><PartNumber>{part}</PartNumber><ETag>{headers['etag']}</ETag></Part>")
        body = f"<CompleteMultipartUpload>{''.join(tags)}</CompleteMultipartUpload>".encode()
        status, _, _ = call("POST", PREFIX + "big", {"uploadId": upload}, body, {"if-none-match": "*"})
        expect(f"conditional end of upload {attempt}", status, *wanted)
        if status != 200:
            expect("abort", call("DELETE", PREFIX + "big", {"uploadId": upload})[0], 204)
    expect("the upload's content", call("GET", PREFIX + "big")[1] == big + b"tail", True)

    names = [f"{PREFIX}list/{number:03}" for number in range(25)]
    for name in names:
        expect("put", call("PUT", name, body=b"x")[0], 200)
    listed, token, pages = [], None, 0
    while pages == 0 or token:
        query = {"list-type": "2", "prefix": PREFIX + "list/", "max-keys": "10"}
        status, data, _ = call("GET", query=query | ({"continuation-token": token} if token else {}))
        expect("list", status, 200)
        listed += re.findall(r"<Key>(.+?)</Key>", data.decode())
        token = re.search(r"<NextContinuationToken>(.+?)</NextContinuationToken>", data.decode())
        token, pages = token and token[1], pages + 1
    expect("listed", (listed == names, pages), (True, 3))
    for name in [*names, PREFIX + "big", PREFIX + "a b/ü"]:
        expect("delete", call("DELETE", name)[0], 204)
    expect("delete of nothing", call("DELETE", names[0])[0], 204)


def check_winners(rounds, writers):
    """Odd rounds send bodies only when all headers are out: a server that looks before it has the body is caught."""
    bad, wrong, spent = 0, {}, 0.0
    for number in range(rounds):
        key, gate, answers = f"{PREFIX}race-{number}", threading.Barrier(writers), {}

        def write(me):
            body = f"writer {me} ".encode() * 500
            if number % 2:
                answers[me] = call("PUT", key, None, body, {"if-none-match": "*"}, before_body=gate.wait)[0]
            else:
                gate.wait()
                answers[me] = call("PUT", key, None, body, {"if-none-match": "*"})[0]

        threads = [threading.Thread(target=write, args=(me,)) for me in range(writers)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        spent += time.monotonic() - begin
        winners = [me for me, status in answers.items() if status == 200]
        for status in answers.values():
            # 409 is S3's "others are at it, try again": the writer lost nothing and won nothing.
            if status not in (200, 409, 412):
                wrong[status] = wrong.get(status, 0) + 1
        stored = call("GET", key)[1]
        if len(answers) != writers or len(winners) != 1 or stored != f"writer {winners[0]} ".encode() * 500:
            bad += 1
        call("DELETE", key)
    print(f"s3check: {rounds - bad} of {rounds} rounds of {writers} writers had exactly one winner, whose bytes stayed")
    print(f"s3check: {spent / rounds * 1000:.0f} ms a round")
    if bad or wrong:
        sys.exit(f"s3check: {bad} rounds failed; answers that no client expects: {wrong or 'none'}")


check_operations()
print("s3check: conditional create, multipart upload, list, range and delete work")
check_winners(int((sys.argv[1:] or [200])[0]), int((sys.argv[2:] or [32])[0]))
