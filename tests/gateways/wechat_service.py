"""The part of WeChat's server that the documents describe: tokens, template messages, sign-in codes."""

from __future__ import annotations

from tests.gateways.service import Asked

APP_ID, SECRET = "wx0123456789abcdef", "s3cr3t-of-the-account"


class WeChat:
    """Keeps one valid token; `answers` are given to template messages, one after another."""

    def __init__(self, answers=()):
        self.answers = list(answers)
        self.number = 1
        self.codes = {"good-code": {"openid": "oOPENID1", "unionid": "uUNION1"}}
        self.sent = {}

    @property
    def token(self):
        return f"token-{self.number}"

    def __call__(self, asked: Asked):
        return {
            "/cgi-bin/stable_token": self._give_token,
            "/cgi-bin/message/template/send": self._take_message,
            "/sns/oauth2/access_token": self._exchange,
        }[asked.path](asked)

    def _give_token(self, asked):
        wish = asked.body
        if (wish["appid"], wish["secret"]) != (APP_ID, SECRET):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        if wish["force_refresh"]:
            self.number += 1
        return {"access_token": self.token, "expires_in": 7200}

    def _take_message(self, asked):
        if asked.query.get("access_token") != self.token:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        if self.answers:
            told = self.answers.pop(0)
            return {"errcode": told, "errmsg": "..."} if isinstance(told, int) else told
        key = (asked.body["touser"], asked.body["client_msg_id"])
        self.sent.setdefault(key, len(self.sent) + 100)
        return {"errcode": 0, "errmsg": "ok", "msgid": self.sent[key]}

    def _exchange(self, asked):
        query = asked.query
        assert query["grant_type"] == "authorization_code"
        if (query["appid"], query["secret"]) != (APP_ID, SECRET):
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        if query["code"] == "busy":
            return {"errcode": -1, "errmsg": "system error"}
        found = self.codes.pop(query["code"], None)
        if found is None:
            return {
                "errcode": 40163 if query["code"] == "good-code" else 40029,
                "errmsg": "bad code",
            }
        return {"access_token": "user-token", "expires_in": 7200, "scope": "snsapi_base"} | found
