"""MiniStack, cut down to S3 on 127.0.0.1 with its objects on disk: python3 s3server.py PORT DATA SECRET-FILE

One user, `refit`, is put in at every start. MiniStack could make do with its root user, but it takes root's word: only
for other users does it check signatures, and a client that signs wrongly must not pass our tests.
"""

import os
import sys

port, data, secret_file = sys.argv[1:]
del sys.argv[1:]  # MiniStack reads its own options from there
os.environ.update(
    BIND_HOST="127.0.0.1",
    GATEWAY_PORT=port,
    SERVICES="s3",
    S3_PERSIST="1",
    S3_DATA_DIR=data,
    AUTH="true",
    TMPDIR=os.path.dirname(data),  # its pid file
    # Its other listeners, and Docker, which it would look through for containers of its own.
    IOT_MTLS_ENABLED="0",
    SFTP_ENABLED="0",
    DOCKER_HOST="unix:///nowhere",
)

from ministack.app import main  # noqa: E402 (it reads the environment when imported)
from ministack.services import iam  # noqa: E402

EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
with open(secret_file) as file:
    secret = file.read()
iam._create_user({"UserName": ["refit"]})
iam._put_user_policy({"UserName": ["refit"], "PolicyName": ["everything"], "PolicyDocument": [EVERYTHING]})
iam._access_keys["refit"] = {
    "UserName": "refit",
    "AccessKeyId": "refit",
    "SecretAccessKey": secret,
    "Status": "Active",
    "CreateDate": iam._now(),
}
main()
