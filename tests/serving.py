"""Installations and servers for the tests: the model case is loaded once per engine (in a run of all
suites once for all of them, in MODEL_CASES) and copied for whoever wants one of his own. Everything
else lies below TMPDIR and ends with its `with` block."""
import contextlib
import fcntl
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse

START_S = 60
STOP_S = 60
REMARK_S = 20
PASSWORD = "shouwang-demo"
MODEL_CASE = ("demo", "--load-only")
TOP = pathlib.Path(__file__).resolve().parent.parent


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def psql(url, sql):
    subprocess.run(["psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql], check=True,
                   stdout=subprocess.DEVNULL)


class Place:
    """Where an installation keeps its records: a folder (with the keys beside it), or a database."""

    def __init__(self, engine, folder, url=None):
        self.engine = engine
        self.folder = pathlib.Path(folder)
        self.url = url

    def options(self):
        keys = ["--keys", str(self.folder / "keys")]
        if self.engine == "sqlite":
            return ["--data", str(self.folder / "data")] + keys
        return ["--database", self.url] + keys


class Remarks:
    """A line now and then while something long goes on, so that it is not taken for stuck."""

    def __init__(self, what):
        self.what = what
        self.last = time.monotonic()

    def __call__(self):
        if time.monotonic() > self.last + REMARK_S:
            self.last = time.monotonic()
            print(f"# {self.what}", flush=True)


@contextlib.contextmanager
def alone(path):
    """Whoever comes second waits for the first."""
    remark = Remarks(f"waiting for {path.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", encoding="ascii") as lock:
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            remark()
            time.sleep(0.2)
        yield


def case_digest():
    """Of what the model case is made from, and of the steps: one that ran never changes."""
    found = hashlib.sha256()
    for folder in ("data", "src/cli/demo", "src/core/migrations"):
        for path in sorted(p for p in (TOP / folder).rglob("*") if p.is_file()):
            found.update(path.relative_to(TOP).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]


class Fixture:
    """A loaded installation that is never served itself; copies of it are."""

    def __init__(self, engine, load=MODEL_CASE):
        self.engine = engine
        self.root = pathlib.Path(tempfile.mkdtemp(prefix=f"{engine}-"))
        self.copies = 0
        kept = os.environ.get("MODEL_CASES")
        if kept and load == MODEL_CASE:
            self.place = self.kept(pathlib.Path(kept) / engine)
        else:
            self.place = self.empty("template")
            self.fill(self.place, load)

    def fill(self, place, load):
        program = os.environ["SHOUWANG_RELEASE"]
        remark, said = Remarks(" ".join(load)), []
        with subprocess.Popen([program, *load, *place.options()], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            for line in process.stdout:
                said.append(line.decode("utf-8", "replace"))
                remark()
        if process.returncode != 0:
            text = "".join(said[-200:])
            raise RuntimeError(f"{' '.join(load)} ended with {process.returncode}:\n{text}")

    def kept(self, folder):
        """The model case as the first suite of this run has loaded it; nobody serves or changes it."""
        database = f"model_case_{self.engine}"
        url = None
        if self.engine == "postgresql":
            url = os.environ["PG_ADMIN_URL"].rsplit("/", 1)[0] + "/" + database
        place = Place(self.engine, folder, url)
        with alone(pathlib.Path(f"{folder}.lock")):
            if (folder / "loaded").exists():
                return place
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            if url:
                psql(os.environ["PG_ADMIN_URL"], f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
                psql(os.environ["PG_ADMIN_URL"], f'CREATE DATABASE "{database}"')
            self.bring_case(place)
            (folder / "loaded").touch()
        return place

    def bring_case(self, place):
        """As an earlier run left it in KEPT_CASES, upgraded as an installation would be; else loaded."""
        if "KEPT_CASES" not in os.environ:
            self.fill(place, MODEL_CASE)
            return
        kept = pathlib.Path(os.environ["KEPT_CASES"]) / case_digest() / self.engine
        dump = kept / "dump"
        with alone(kept.parent / f"{self.engine}.lock"):
            if not (kept / "whole").exists():
                shutil.rmtree(kept, ignore_errors=True)
                self.fill(place, MODEL_CASE)
                shutil.copytree(place.folder, kept)
                if place.url:
                    subprocess.run(["pg_dump", "-Fc", "-Z1", "-f", dump, place.url], check=True)
                (kept / "whole").touch()
                return
        shutil.copytree(kept, place.folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("dump", "whole"))
        if place.url:
            subprocess.run(["pg_restore", "-j2", "--no-owner", "-d", place.url, dump], check=True)
        self.fill(place, ("user", "list"))

    def empty(self, name):
        folder = self.root / name
        folder.mkdir()
        url = None
        if self.engine == "postgresql":
            database = f"s_{os.getpid()}_{name}"
            psql(os.environ["PG_ADMIN_URL"], f'CREATE DATABASE "{database}"')
            url = os.environ["PG_ADMIN_URL"].rsplit("/", 1)[0] + "/" + database
        return Place(self.engine, folder, url)

    def copy(self):
        self.copies += 1
        name = f"copy{self.copies}"
        target = self.root / name
        shutil.copytree(self.place.folder, target)
        url = None
        if self.engine == "postgresql":
            template = self.place.url.rsplit("/", 1)[1]
            database = f"s_{os.getpid()}_{name}"
            psql(os.environ["PG_ADMIN_URL"],
                 f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
            url = self.place.url.rsplit("/", 1)[0] + "/" + database
        return Place(self.engine, target, url)

    def drop(self, place):
        shutil.rmtree(place.folder, ignore_errors=True)
        if place.url:
            database = place.url.rsplit("/", 1)[1]
            psql(os.environ["PG_ADMIN_URL"], f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


class Server:
    """`shouwang serve` on a free port. What it wrote to its log is in `log`."""

    def __init__(self, place, program=None, extra=()):
        self.place = place
        self.program = program or os.environ["SHOUWANG"]
        self.extra = list(extra)
        self.process = None
        self.port = None
        self.log = place.folder / "server.log"

    def start(self, patience=START_S):
        self.port = free_port()
        command = [self.program, "serve", *self.place.options(),
                   "--listen", f"127.0.0.1:{self.port}", *self.extra]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.tail()}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if Client(self.port).request("GET", "/readyz").status == 200:
                    return self
            time.sleep(0.02)
        self.kill()
        raise RuntimeError(f"not ready after {patience} s:\n{self.tail()}")

    def stop(self):
        """Asks it to end; its status, which is 0 when nothing was wrong."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL
        finally:
            self.process = None

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def tail(self, lines=40):
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    def json(self):
        return json.loads(self.body)


class Client:
    """One user's connection. Sends JSON and bytes, follows nothing, retries nothing."""

    def __init__(self, port, token=None, timeout=60):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        self.token = token

    def request(self, method, path, body=None, headers=()):
        headers = dict(headers)
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.token}"
        if body is not None and not isinstance(body, (bytes, bytearray)):
            body = json.dumps(body, ensure_ascii=False).encode()
            headers.setdefault("Content-Type", "application/json")
        self.connection.request(method, urllib.parse.quote(path, safe="/:?&=%[],+*;@~!$'()"), body,
                                headers)
        got = self.connection.getresponse()
        return Answer(got.status, got.getheaders(), got.read())

    def sign_in(self, login, password=PASSWORD):
        got = self.request("POST", "/api/v1/sessions", {"login": login, "password": password})
        if got.status != 201:
            raise RuntimeError(f"{login} could not sign in: {got.status} {got.body[:300]!r}")
        self.token = got.json()["token"]
        return self
