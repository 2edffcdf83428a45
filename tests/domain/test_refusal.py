from volunteer.domain.refusal import Refused


def test_a_refusal_speaks_in_filled_sentences():
    no = Refused("too_early", "还有 %(minutes)d 分钟开放签到。", "请稍候。", values={"minutes": 12})
    assert no.sentence == "还有 12 分钟开放签到。"
    assert no.hint == "请稍候。"
    assert str(no) == no.sentence
    assert (no.code, no.status, no.field, no.details) == ("too_early", 409, None, ())


def test_the_edge_can_say_it_in_another_language():
    english = {"还有 %(minutes)d 分钟开放签到。": "Check-in opens in %(minutes)d minutes."}
    no = Refused("too_early", "还有 %(minutes)d 分钟开放签到。", values={"minutes": 12})
    assert no.said(lambda text: english[text]) == ("Check-in opens in 12 minutes.", "")


def test_a_percent_sign_without_values_is_left_alone():
    assert Refused("x", "不足 100% 的班次").sentence == "不足 100% 的班次"


def test_labels_inside_a_sentence_are_translated_and_names_are_not():
    english = {"“%(state)s”属于%(name)s": "%(name)s has %(state)s", "草稿": "a draft"}
    no = Refused(
        "x", "“%(state)s”属于%(name)s", values={"state": "草稿", "name": "张三", "empty": ""}
    )
    assert no.said(lambda text: english.get(text, text))[0] == "张三 has a draft"
