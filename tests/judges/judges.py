"""Has programs that others wrote judge the real one. See the script `judges` at the root."""

import os
import pickle
import re
import subprocess
import sys
import time
from pathlib import Path

import families
from house import House, Person

HERE = Path(__file__).parent
PROFILES = ["élève", "responsable", "enseignant", "direction", "vie scolaire", "administrateur ENT", "exploitant"]

# Seconds for each of its modes; it reads the whole schema first, however short the run.
GRAPHQLER = 180

# What both families may be answered, and why that is nobody's own.
COMMON = {"fraicheur": "how fresh the views of their common portal are"}


def run(command: list, seconds: int, output: Path, **environment) -> int:
    """Runs a judge, for so long at the most; its words go to a file."""
    with output.open("wb") as words:
        try:
            done = subprocess.run(
                command, stdout=words, stderr=subprocess.STDOUT, timeout=seconds, cwd=output.parent,
                env=os.environ | environment,
            )
            return done.returncode
        except subprocess.TimeoutExpired:
            return 124


def schemathesis(work: Path, house: House, person: Person, seconds: int) -> list[str]:
    """The contract holds, whatever this profil sends."""
    output = work / f"schemathesis-{person.name.replace(' ', '-')}.log"
    command = [
        work / "schemathesis/bin/schemathesis", "run", f"{house.url}/graphql",
        "-H", f"Authorization: Bearer {house.token(person)}",
        "--checks", "contract_holds", "--mode", "positive", "--phases", "fuzzing",
        "--max-time", str(seconds), "--continue-on-failure", "--no-color",
    ]
    run(command, seconds * 3 + 60, output, SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(HERE))
    words = output.read_text(errors="replace")
    tested = re.search(r"(\d+) generated, (\d+) passed", words)
    if tested and tested[1] == tested[2] != "0" and "🚫" not in words:
        print(f"   schemathesis, {person.name}: {tested[1]} requests, the contract holds")
        return []
    return [f"schemathesis, {person.name}: see {output}"]


def graphqler(work: Path, house: House, victim: Person, intruder: Person, seconds: int) -> list[str]:
    """Fuzz as one family, then with its objects as the other."""
    folder = work / "graphqler-run"
    command = [work / "graphqler/bin/python", HERE / "graphqler_with_scalars.py", "--url", f"{house.url}/graphql",
               "--path", folder]

    def mode(name: str, person: Person) -> str:
        output = work / f"graphqler-{name}.log"
        token = f"Bearer {house.token(person)}"
        code = run([*command, "--mode", name, "--auth", token], seconds, output)
        return output.read_text(errors="replace") if code in (0, 124) else ""

    if "Complete compilation" not in mode("compile", victim):
        return [f"graphqler does not read our schema: see {work}/graphqler-compile.log"]
    fuzzed = re.search(r"unique query/mutation successes: (\d+)/(\d+)", mode("fuzz", victim))
    if not fuzzed or fuzzed[1] == "0":
        return [f"graphqler, fuzz: nothing was answered, see {work}/graphqler-fuzz.log"]
    print(f"   graphqler, fuzz: {fuzzed[1]} of {fuzzed[2]} operations answered")
    mine = house.ask(victim, families.MINE)["data"]["moi"]
    roll, work_marked, *_ = families.of_the_class(house)
    bucket = {"Eleve": [mine["eleve"]["id"]], "Personne": [mine["personne"]["id"]], "Appel": [roll],
              "Evaluation": [work_marked]}
    (folder / "objects_bucket.pkl").write_bytes(pickle.dumps(bucket))
    possible = re.search(r"Possible IDOR nodes:\s*(\[.*?\])", mode("idor", intruder), re.DOTALL)
    if not possible:
        return [f"graphqler, idor: no verdict, see {work}/graphqler-idor.log"]
    answered = set(re.findall(r"\|\s*(\w+)\)", possible[1]))
    if answered - COMMON.keys():
        return [f"graphqler, idor: {possible[1]}"]
    print("   graphqler, idor: nothing of one family for the other")
    return []


def faults_in(log: Path) -> list[str]:
    """What the program itself confessed while it was judged."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if '"level":"ERROR"' in line or "panicked" in line]
    return [f"the program's log: {line[:300]}" for line in lines[:5]]


def main(program: Path, work: Path, seconds: int) -> int:
    start, findings, log = time.monotonic(), [], work / "ent.log"
    with House(program, work / "data", log) as house:
        one, other = house.families()
        for victim, intruder in [(one, other), (other, one)]:
            found = families.attempts(house, victim, intruder)
            findings += found
            if not found:
                print(f"   families: nothing of « {victim.name} » for « {intruder.name} »")
        findings += graphqler(work, house, one, other, GRAPHQLER)
        for profile in PROFILES:
            findings += schemathesis(work, house, house.roles[profile], seconds)
    findings += faults_in(log)
    for finding in findings:
        print(f"!! {finding}")
    print(f"== {'FOUND' if findings else 'CLEAN'} after {time.monotonic() - start:.0f} s")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), int(sys.argv[3])))
