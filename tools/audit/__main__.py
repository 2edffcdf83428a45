"""``python -m tools.audit``: install Lighthouse beside this file, serve a demo city, print the scores."""

import argparse
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import select

from tests.bench.serving import serving
from tests.browsing import chromium
from tests.showcase import account_of, city_app, demo_city, session_cookie
from volunteer.domain.terms import AssignmentState
from volunteer.domain.timekeeping import now
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.rosters import Assignment

HERE = Path(__file__).parent
PAGES = ("/me", "/me/duties", "/me/record", "/scan")


def install() -> str | None:
    """Bring Lighthouse; return what is missing, in words, or None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return "node and npm are not on this machine; `apt-get install nodejs npm` brings them"
    if (HERE / "node_modules" / "lighthouse").is_dir():
        return None
    asked = [npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"]
    try:
        got = subprocess.run(
            asked, cwd=HERE, capture_output=True, text=True, timeout=300, check=False
        )
    except subprocess.TimeoutExpired:
        return "npm did not bring Lighthouse within five minutes; is there a network?"
    if got.returncode:
        return f"npm could not bring Lighthouse; is there a network?\n{got.stderr[-600:]}"
    return None


def _phone_cookie(folder: Path) -> str:
    """The session of somebody who is asked to come."""
    app = city_app(folder)
    with app.app_context():
        asked = (
            select(Assignment.volunteer_id)
            .join(Shift, Shift.id == Assignment.shift_id)
            .where(Assignment.state == AssignmentState.PROPOSED, Shift.starts_at > now())
            .order_by(Shift.starts_at, Assignment.id)
        )
        volunteer_id = db.session.scalars(asked).first()
        assert volunteer_id is not None, "somebody in the demo city is always asked"
        return session_cookie(app, account_of(volunteer_id))


def main() -> None:
    """Audit, or say what is missing; the exit status is 0 either way."""
    parser = argparse.ArgumentParser(description="Lighthouse on the phone pages.")
    parser.add_argument("--city", help="keep the demo city in this folder and use it again")
    chosen = parser.parse_args()
    missing = install()
    if missing:
        print(f"not audited: {missing}")
        return
    with demo_city(chosen.city, at=now()) as folder:
        cookie = _phone_cookie(folder)
        with serving(folder) as server:
            lines = ["/sign-in", *(f"{page} {cookie}" for page in PAGES)]
            subprocess.run(
                ["node", "audit.mjs", chromium(), f"http://127.0.0.1:{server.port}"],
                cwd=HERE,
                input="\n".join(lines),
                text=True,
                timeout=600,
                check=False,
            )


if __name__ == "__main__":
    main()
