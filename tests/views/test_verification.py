"""Checking a certificate: the public page, the proof, and the program that needs no server."""

import importlib.util
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import a_city, sign_in
from tests.records import a_record
from volunteer.domain.certificate import canonical_json, grouped
from volunteer.domain.timekeeping import beijing, now
from volunteer.models import signer
from volunteer.models.base import db
from volunteer.operations.certificates import Wanted, issue_own, revoke_certificate
from volunteer.operations.ledger import void_record
from volunteer.operations.sealing import seal_due
from volunteer.queries.accounts import actor_of
from volunteer.queries.certificates.proof import proof_of
from volunteer.queries.roots import witness_list

PROGRAM = Path(__file__).parents[2] / "tools" / "verify_certificate.py"
AT = beijing(date(2026, 11, 24), 600)


def _program() -> Any:
    found = importlib.util.spec_from_file_location("verify_certificate", PROGRAM)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


verifier = _program()


class Scene:
    """A certificate over twelve records on twelve days, nine of them sealed."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.city = a_city()
        unit, person = self.city.unit, self.city.volunteer
        self.records = [
            a_record(unit, person, on=date(2026, 11, 12) + timedelta(days=n), grade="ABC"[n % 3])
            for n in range(12)
        ]
        db.session.commit()
        seal_due(at=beijing(date(2026, 11, 21), 600))
        me = actor_of(self.city.volunteer_account, at=AT)
        self.made = issue_own(me, Wanted(unit.id), city="邵阳市", at=AT)
        db.session.commit()
        self.number = grouped(self.made.number)
        self.desk = actor_of(self.city.organizer, at=AT)

    def proof(self) -> bytes:
        return proof_of(self.made, at=AT).encode()

    def page(self) -> str:
        return self.app.test_client().get(f"/v/{self.number}").get_data(as_text=True)


@pytest.fixture
def scene(app: Any) -> Scene:
    return Scene(app)


def told(raw: bytes, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    path = folder / "proof.json"
    path.write_bytes(raw)
    return subprocess.run(
        [sys.executable, "-I", "-S", str(PROGRAM), str(path), *more],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONIOENCODING": "utf-8"},
    )


def test_the_page_says_what_it_may_and_no_more(scene: Scene) -> None:
    page = scene.page()
    for word in ("有效", "王*", "12.0 小时", "市医保局", scene.number, scene.made.digest.hex()):
        assert word in page
    assert "王芳" not in page
    assert "9 条记录已在每日签名根值之下" in page
    assert scene.app.test_client().get(f"/v?number={scene.number}").status_code == 302
    for number in ("0" * 20, "AAAA", "%00"):
        assert scene.app.test_client().get(f"/v/{number}").status_code == 404


def test_a_number_that_does_not_do_stays_in_its_field_with_the_reason(scene: Scene) -> None:
    visitor = scene.app.test_client()
    for address in ("/v?number=ABC", "/v/ABC"):
        page = visitor.get(address)
        assert page.status_code == 404
        text = page.get_data(as_text=True)
        assert 'value="ABC"' in text
        assert "证明编号不完整" in text
    unknown = visitor.get(f"/v?number={'0' * 20}").get_data(as_text=True)
    assert "没有这个编号的证明" in unknown
    assert 'name="number"' in unknown


def test_the_page_tells_a_revoked_and_a_superseded_one(scene: Scene) -> None:
    void_record(scene.desk, record_id=scene.records[0].id, reason="并非本人", at=AT)
    db.session.commit()
    assert "已失效：记录有更正" in scene.page()
    assert "并非本人" not in scene.page(), (
        "why a record was corrected is between the person and the desk"
    )
    assert "并非本人" not in scene.proof().decode()
    revoke_certificate(scene.desk, certificate_id=scene.made.id, reason="冒名", at=AT)
    db.session.commit()
    assert "无效：已撤销" in scene.page()
    assert "冒名" in scene.page()


def test_the_proof_is_checked_by_a_program_of_the_standard_library_alone(
    scene: Scene, tmp_path: Path
) -> None:
    key = ("--key", signer.fingerprint())
    done = told(scene.proof(), tmp_path, *key, "--name", "王芳", "--code", scene.made.code)
    assert (done.returncode, done.stdout.strip().endswith("VALID 有效")) == (0, True), done.stderr
    assert "12 次，720 分钟（12.0 小时）" in done.stdout
    assert "9 条记录" in done.stdout
    assert "3 条当天尚未封存" in done.stdout
    assert told(scene.proof(), tmp_path).returncode == 3
    for wrong in (
        ("--key", "0" * 16),
        (*key, "--name", "王芬", "--code", scene.made.code),
        (*key, "--name", "王芳", "--code", "0" * 16),
    ):
        assert told(scene.proof(), tmp_path, *wrong).returncode == 1


def test_served_over_http_it_is_the_same_and_valid_once_all_days_are_sealed(
    scene: Scene, tmp_path: Path
) -> None:
    seal_due(at=now() + timedelta(days=1))
    db.session.commit()
    answer = scene.app.test_client().get(f"/v/{scene.number}/proof.json")
    assert answer.mimetype == "application/json"
    assert json.loads(answer.data)["body"]["unsealed"] == []
    (tmp_path / "roots.json").write_text(json.dumps(witness_list()), encoding="utf-8")
    more = ("--key", signer.public_key().hex(), "--roots", str(tmp_path / "roots.json"))
    assert told(answer.data, tmp_path, *more).returncode == 0
    kept = witness_list()
    kept["roots"][2]["statement"] = kept["roots"][2]["statement"].replace(
        "2026-11-14\n3\n", "2026-11-14\n4\n"
    )
    (tmp_path / "roots.json").write_text(json.dumps(kept), encoding="utf-8")
    assert told(answer.data, tmp_path, *more).returncode == 1


def test_any_bit_that_is_flipped_makes_it_invalid(scene: Scene) -> None:
    raw = scene.proof()
    verifier.verify(raw, trusted=signer.fingerprint())
    passed = []
    for place in range(len(raw)):
        for bit in range(place % 3, 8, 3):
            forged = bytearray(raw)
            forged[place] ^= 1 << bit
            try:
                verifier.verify(bytes(forged))
            except verifier.Invalid:
                continue
            passed.append((place, bit))
    assert passed == []
    for forged in (raw + b"\n", raw[:-1], b" " + raw, raw.replace(b'"valid"', b'"valid" ')):
        with pytest.raises(verifier.Invalid):
            verifier.verify(forged)


def _signed_again(body: dict[str, Any]) -> bytes:
    signature = signer.sign(canonical_json(body).encode()).hex()
    return (canonical_json({"body": body, "signature": signature}) + "\n").encode()


@pytest.mark.parametrize("kind", ["minutes", "path", "index", "drop", "twice", "root", "other_day"])
def test_even_with_the_servers_key_the_parts_must_fit(scene: Scene, kind: str) -> None:
    body = json.loads(scene.proof())["body"]
    entry = body["entries"][0]
    if kind == "minutes":
        entry["leaf"] = entry["leaf"].replace("\x1f60\x1f", "\x1f600\x1f")
    elif kind == "path":
        entry["path"] = [*entry["path"], "00" * 32]
    elif kind == "index":
        entry["index"] += 1
    elif kind == "drop":
        body["entries"] = body["entries"][1:]
    elif kind == "twice":
        body["entries"].append(entry)
    elif kind == "root":
        body["roots"] = body["roots"][1:]
    else:
        entry["day"] = body["entries"][1]["day"]
    with pytest.raises(verifier.Invalid):
        verifier.verify(_signed_again(body))


def test_a_revoked_one_shows_as_revoked(scene: Scene, tmp_path: Path) -> None:
    revoke_certificate(scene.desk, certificate_id=scene.made.id, reason="冒名服务", at=AT)
    db.session.commit()
    done = told(scene.proof(), tmp_path, "--key", signer.fingerprint())
    assert done.returncode == 1
    assert "已撤销（冒名服务）" in done.stdout
    forged = scene.proof().replace(b'"state":"revoked"', b'"state":"valid"')
    assert "INVALID" in told(forged, tmp_path).stderr


# RFC 8032, 7.1, tests 1 to 3.
@pytest.mark.parametrize(
    ("public", "text", "signature"),
    [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_the_programs_own_signature_check(public: str, text: str, signature: str) -> None:
    key, words, mark = bytes.fromhex(public), bytes.fromhex(text), bytes.fromhex(signature)
    assert verifier.signed_in_pure_python(words, mark, key)
    for place in range(0, 64, 5):
        bad = bytearray(mark)
        bad[place] ^= 4
        assert not verifier.signed_in_pure_python(words, bytes(bad), key)
    assert not verifier.signed_in_pure_python(words + b"x", mark, key)
    scalar = int.from_bytes(mark[32:], "little") + verifier.L
    if scalar < 2**256:  # the same signature in other bytes is refused
        assert not verifier.signed_in_pure_python(
            words, mark[:32] + scalar.to_bytes(32, "little"), key
        )


def test_the_roots_are_for_everybody_to_keep(scene: Scene) -> None:
    client = scene.app.test_client()
    page = client.get("/ledger/roots").get_data(as_text=True)
    assert signer.fingerprint() in page
    assert signer.public_key().hex() in page
    kept = client.get("/ledger/roots.json").get_json()
    assert len(kept["roots"]) == 9
    assert "王芳" not in json.dumps(kept, ensure_ascii=False)


def test_two_taps_to_a_paper(scene: Scene) -> None:
    scene.app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(scene.app, scene.city.volunteer_account)
    page = client.get("/me/certificates").get_data(as_text=True)
    assert "市医保局" in page
    form = {"unit": str(scene.city.unit.id), "layout": "full", "document": "masked"}
    made = client.post("/me/certificates", data=form)
    assert made.status_code == 302
    shown = client.get(made.headers["Location"]).get_data(as_text=True)
    assert "下载 PDF" in shown
    paper = client.get(f"{made.headers['Location']}/certificate.pdf")
    assert paper.data.startswith(b"%PDF-")
    assert "filename*=UTF-8''" in paper.headers["Content-Disposition"]
    assert paper.headers["Cache-Control"] == "no-store"
    wrong = client.post("/me/certificates", data={**form, "purpose": "字" * 80})
    assert wrong.status_code == 422
    foreign = client.post("/me/certificates", data={**form, "unit": str(scene.city.other_unit.id)})
    assert foreign.status_code == 422
    assert client.get("/me/certificates/new").status_code == 200
    assert client.get("/me/certificates/announced").status_code == 200


def test_the_desk_finds_issues_and_revokes(scene: Scene) -> None:
    scene.app.config["WTF_CSRF_ENABLED"] = False
    client = sign_in(scene.app, scene.city.organizer)
    assert scene.number in client.get("/certificates?q=王").get_data(as_text=True)
    assert scene.number not in client.get("/certificates?state=revoked").get_data(as_text=True)
    person = scene.city.volunteer.id
    assert f"/certificates/new/{person}" in client.get("/certificates/new?q=王芳").get_data(
        as_text=True
    )
    form = {"unit": str(scene.city.unit.id), "layout": "short", "document": "none"}
    assert (
        client.post(f"/certificates/new/{person}", data={**form, "document": "full"}).status_code
        == 422
    )
    made = client.post(f"/certificates/new/{person}", data=form)
    assert made.status_code == 302
    page = f"{made.headers['Location']}"
    assert client.post(f"{page}/revoke", data={"reason": ""}).status_code == 422
    assert client.post(f"{page}/revoke", data={"reason": "材料不实"}).status_code == 302
    assert "材料不实" in client.get(page).get_data(as_text=True)
    assert client.get(f"{page}/certificate.pdf").data.startswith(b"%PDF-")
