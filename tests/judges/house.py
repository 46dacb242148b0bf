"""The real program, served to its judges under an issuer of theirs, and who may sign in."""

import base64
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ISSUER = "http://localhost:1/judges"
# Every part of the ENT: a token is for those that it names.
SCOPE = (
    "annuaire portails absences notes cahier_de_textes vie_de_l_eleve publications moderation"
    " notifications journal conservation protection identite exploitation"
)
HOURS = 3600


@dataclass
class Person:
    """Somebody who signs in: what he is called here, and his compte."""

    name: str
    compte: str


def key_of(global_id: str) -> str:
    """The UUID in a global id, which is `type:key` in base64url."""
    padded = global_id + "=" * (-len(global_id) % 4)
    return base64.urlsafe_b64decode(padded).decode().split(":", 1)[1]


class House:
    """`ent serve` on the data of a filled demonstration."""

    def __init__(self, program: Path, data: Path, log: Path):
        self.key = Ed25519PrivateKey.generate()
        jwks = data / "judges-jwks.json"
        jwks.write_text(json.dumps({"keys": [self._jwk()]}))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.roles = {role["profil"]: Person(role["profil"], role["compte"]) for role in self._scene(data)["roles"]}
        environment = os.environ | {
            "ENT_DATA_DIR": str(data),
            "ENT_LISTEN": f"127.0.0.1:{port}",
            "ENT_ISSUER": ISSUER,
            "ENT_AUDIENCE": "judges",
            "ENT_JWKS": str(jwks),
            "ENT_EXPLOITANTS": self.roles["exploitant"].compte,
            "ENT_CADENCE_COMPTE": "1000000",
            "ENT_LOG": "info",
            "ENT_LOG_FORMAT": "json",
        }
        self.log = log.open("wb")
        self.process = subprocess.Popen([program, "serve"], env=environment, stdout=self.log, stderr=self.log)
        self._wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        self.log.close()

    @staticmethod
    def _scene(data: Path) -> dict:
        return json.loads((data / "demo.json").read_text())["scene"]

    def _jwk(self) -> dict:
        jwk = json.loads(jwt.algorithms.OKPAlgorithm.to_jwk(self.key.public_key()))
        return jwk | {"kid": "judges", "alg": "EdDSA", "use": "sig"}

    def _wait(self):
        for _ in range(300):
            if self.process.poll() is not None:
                raise SystemExit(f"the program stopped at once: see {self.log.name}")
            try:
                urllib.request.urlopen(f"{self.url}/pret", timeout=2).close()
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise SystemExit("the program is not ready after a minute")

    def token(self, person: Person) -> str:
        """A bearer token of this person, good for hours."""
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": "judges", "sub": person.compte, "scope": SCOPE}
        claims |= {"iat": now, "exp": now + HOURS}
        return jwt.encode(claims, self.key, algorithm="EdDSA", headers={"kid": "judges", "typ": "at+jwt"})

    def ask(self, person: Person, query: str, **variables) -> dict:
        """The whole answer to a document."""
        request = urllib.request.Request(
            f"{self.url}/graphql",
            json.dumps({"query": query, "variables": variables}).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.token(person)}"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def families(self) -> tuple[Person, Person]:
        """A pupil of the demonstration, and one of the same division who is no kin of his."""
        pupil = self.roles["élève"]
        known = self.ask(self.roles["enseignant"], "{ moi { enseignements { division { eleves { id } } } } }")
        for enseignement in known["data"]["moi"]["enseignements"]:
            mates = [key_of(eleve["id"]) for eleve in enseignement["division"]["eleves"]]
            if pupil.compte in mates:
                other = next(mate for mate in mates if mate != pupil.compte)
                return pupil, Person("élève d'une autre famille", str(uuid.UUID(other)))
        raise SystemExit("nobody teaches the pupil of the demonstration")
