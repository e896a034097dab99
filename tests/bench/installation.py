"""What the benchmarks of the queue share: a corner of the services, and a coordinator in it with a worker of two slots."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from provision import ROOT

RELEASE = ROOT / "target" / "release"
BATCH = 2_000


def wait_for(what, ready, limit=60):
    until = time.monotonic() + limit
    while not ready():
        if time.monotonic() > until:
            sys.exit(f"bench: waited {limit} s in vain for {what}")
        time.sleep(0.02)


class Corner:
    """A virtual host, a schema and a prefix for one run."""

    def __init__(self):
        self.name = f"bench_{secrets.token_hex(4)}"
        self.broker("PUT")
        self.amqp = os.environ["REFIT_TEST_AMQP"].rsplit("/", 1)[0] + "/" + self.name

    def broker(self, method):
        url = urllib.parse.urlsplit(os.environ["REFIT_TEST_AMQP_ADMIN"])
        request = urllib.request.Request(f"http://{url.hostname}:{url.port}/api/vhosts/{self.name}", method=method)
        handler = urllib.request.HTTPBasicAuthHandler(urllib.request.HTTPPasswordMgrWithPriorAuth())
        handler.passwd.add_password(None, f"http://{url.hostname}:{url.port}", url.username, url.password, is_authenticated=True)
        urllib.request.build_opener(handler).open(request).close()

    def schema(self, statement):
        cascade = " CASCADE" if statement.startswith("DROP") else ""
        psql = ["psql", "--quiet", "--dbname", os.environ["REFIT_TEST_POSTGRES"], "--command", f"{statement} {self.name}{cascade}"]
        subprocess.run(psql, check=True, env=os.environ | {"PGOPTIONS": "--client-min-messages=warning"})

    def drop(self):
        self.broker("DELETE")


class Refit:
    """A coordinator and one worker of two slots, on the services or with everything embedded."""

    def __init__(self, embedded, worker=True, settings=()):
        self.corner = None if embedded else Corner()
        self.folder = tempfile.TemporaryDirectory()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LD_LIBRARY_PATH") if name in os.environ}
        environment["REFIT_API__LISTEN"] = f"127.0.0.1:{self.port}"
        environment["REFIT_LOG__LEVEL"] = "warn"
        environment |= dict(settings)
        if self.corner:
            self.corner.schema("CREATE SCHEMA")
            environment |= {
                "REFIT_STORAGE__QUEUE": self.corner.amqp,
                "REFIT_STORAGE__BUS": f"{os.environ['REFIT_TEST_REDIS']}?prefix={self.corner.name}",
                "REFIT_STORAGE__DATABASE": f"{os.environ['REFIT_TEST_POSTGRES']}?options=-csearch_path%3D{self.corner.name}",
            }
        self.environment, self.processes = environment, []
        self.start("refit", "serve")
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port)
        wait_for("the coordinator", self.answers)
        if worker:
            self.start_worker()
            self.single()

    def start(self, program, *words):
        command = [RELEASE / program, *words, "--data-dir", self.folder.name]
        self.processes.append(subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL))

    def start_worker(self):
        self.start("refit-worker", "run", "--slots", "2")
        wait_for("the worker", lambda: self.ask("GET", "/workers"))

    def answers(self):
        try:
            return self.ask("GET", "/health")
        except OSError:
            self.connection.close()
            return None

    def ask(self, method, path, body=None):
        headers = {"content-type": "application/json"} if body is not None else {}
        self.connection.request(method, f"/api/v1{path}", json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            sys.exit(f"bench: {method} {path}: {text.decode()}")
        return json.loads(text)

    def single(self):
        """One probe, from submission to result."""
        job = self.ask("POST", "/probes", {"count": 1})["jobs"][0]
        ended = self.ask("GET", f"/jobs/{job}?wait=30")
        if ended["state"] != "completed":
            sys.exit(f"bench: a probe did not go through: {ended}")
        return ended

    def many(self, jobs):
        for _ in range(jobs // BATCH):
            self.ask("POST", "/probes", {"count": BATCH})
        open_ = lambda: any(self.ask("GET", f"/jobs?state={state}&limit=1")["items"] for state in ("queued", "dispatched", "running"))  # noqa: E731
        wait_for("the probes", lambda: not open_(), limit=600)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()
        if self.corner:
            self.corner.schema("DROP SCHEMA")
            self.corner.drop()
        self.folder.cleanup()
