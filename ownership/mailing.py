"""The mail server as a way out: one connection for a whole sweep."""

from __future__ import annotations

import smtplib
from contextlib import suppress

from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from ownership.composing import Letter

# About one address or one mail; everything else says that the server itself does not work.
REFUSED = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused, ValueError)


class Server:
    """The mail server of EMAIL_URL; `is_silent` once it takes nothing any more."""

    def __init__(self) -> None:
        self.is_silent = False
        self._connection: BaseEmailBackend = mail.get_connection()

    def send(self, letter: Letter, *, to: str) -> str:
        """Send one mail; returns why it failed, empty when it was taken."""
        message = mail.EmailMessage(
            subject=letter.title,
            body=letter.body,
            to=[to],
            connection=self._connection,
            headers={"Auto-Submitted": "auto-generated"},
        )
        try:
            self._connection.open()  # kept open from one mail to the next
            message.send()
        except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; an address may be none
            self.is_silent = not isinstance(error, REFUSED)
            return " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return ""

    def close(self) -> None:
        """Say good-bye."""
        with suppress(OSError):  # it was gone already
            self._connection.close()
