"""Writes the files of the guide "Test your Graph client" into a directory, and runs them: the first client
fails the test as the guide says, the second one passes it, in Python and in TypeScript.

A file of the guide is a block of code below a line that ends with its name and a colon."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
GUIDE = (ROOT / "docs/guides/test-your-graph-client.md").read_text()
FILES = re.findall(r"`([\w.]+)`:\n\n```\w+\n(.*?)```", GUIDE, re.S)
MODULES = HERE / "node_modules"
OPTIONS = "--target es2022 --module nodenext --rewriteRelativeImportExtensions --lib es2022,esnext.disposable"

work = Path(sys.argv[1]) / "guide"
failed = False


def check(name, passed, output):
    global failed
    if not passed:
        failed = True
    print(f"{'ok     ' if passed else 'FAILED '} guide: {name}" + ("" if passed else f"\n{output}"))


def run(*command):
    """The exit code and the output of a command in the directory."""
    run = subprocess.run(command, cwd=work, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return run.returncode, run.stdout


def versions(name):
    return [content for own, content in FILES if own == name]


def write(name, version=0):
    (work / name).write_text(versions(name)[version])


def pytest():
    return run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def in_python():
    for name in ("scripts.py", "conftest.py", "test_scripts.py"):
        write(name)
    code, output = pytest()
    shown = re.search(r"`pytest -q` says:\n\n```\n(.*?)```", GUIDE, re.S)[1]
    check("a lost reply makes a second script, as shown", code == 1 and shown in output, output)
    write("scripts.py", 1)
    code, output = pytest()
    check("with a key it makes none", code == 0 and "1 passed" in output, output)


def in_typescript():
    assert f"`tsc {OPTIONS}`" in GUIDE, "the guide shows other options of tsc"
    (work / "package.json").write_text('{"type": "module"}')
    (work / "node_modules").symlink_to(MODULES)
    for name in ("scripts.ts", "scripts.test.ts"):
        write(name)
    # The last two: every name has a type, and Node's stripping of types understands the syntax.
    tsc = [MODULES / ".bin/tsc", *OPTIONS.split(), "--types", "node", "--strict", "--erasableSyntaxOnly"]
    code, output = run(*tsc, "scripts.test.ts")
    check("tsc", code == 0, output)
    code, output = run("node", "--test", "scripts.test.js")
    check("node:test", code == 0 and "# pass 1" in output, output)


work.mkdir()
for helper in ("twin.py", "twin.ts"):
    shutil.copy(ROOT / "clients/twin" / helper, work)
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
in_python()
in_typescript()
sys.exit(failed)
