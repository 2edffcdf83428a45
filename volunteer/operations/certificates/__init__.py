"""Certificates (志愿服务记录证明): issued free and at once, never changed, superseded or revoked in the open."""

from volunteer.operations.certificates.issue import Wanted, issue_for, issue_own
from volunteer.operations.certificates.revoke import revoke_certificate

__all__ = ["Wanted", "issue_for", "issue_own", "revoke_certificate"]
