"""The picture on a paper card (纸质卡): what phone and desk print the same."""

from flask import current_app, url_for
from flask_babel import gettext as _

from volunteer.domain.token import card_code
from volunteer.queries.people.card import PaperCard
from volunteer.render.qr import svg


def picture_of(card: PaperCard) -> str:
    """The code of the card, to be scanned by a leader."""
    text = card_code(card.secret, card.person.id, card.issue)
    address = current_app.config["SETTINGS"].base_url + url_for("scan.land", token=text)
    return svg(address, title=_("%(name)s 的纸质卡", name=card.person.name), width=280)
