"""The words of the installation (城市名称、求助电话) that the office may change on a page."""

from sqlalchemy import select

from volunteer.models.base import db
from volunteer.models.places import CitySetting

CITY_NAME = "city_name"
SUPPORT_PHONE = "support_phone"


def city_words() -> dict[str, str]:
    """The city's name and the phone to call, as far as the office set them."""
    rows = db.session.execute(
        select(CitySetting.key, CitySetting.value).where(
            CitySetting.key.in_([CITY_NAME, SUPPORT_PHONE])
        )
    )
    return {key: str(value) for key, value in rows}
