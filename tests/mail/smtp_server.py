#!/usr/bin/python3
"""A scripted SMTP server (aiosmtpd) on the loopback interface, for tests of submission.

smtp_server.py FOLDER starttls|implicit|none [CERTIFICATE KEY]: writes its port to FOLDER/port, each message that it took to
FOLDER/accepted/N.json (envelope, options, whether by TLS, who logged in), and does per recipient what FOLDER/script.json says:
later (451 once), full (452), refuse (550 5.1.1), policy (550 5.7.1), drop_before_dot, drop_after_dot, data_refuse (554), busy (421).
With FOLDER/login it asks for that "user password" first.
"""
import asyncio
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

folder, mode = sys.argv[1:3]
context = None
if mode != "none":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
os.makedirs(f"{folder}/accepted", exist_ok=True)
tried = set()
login = open(f"{folder}/login").read().split() if os.path.exists(f"{folder}/login") else None


def script():
    try:
        return json.load(open(f"{folder}/script.json"))
    except FileNotFoundError:
        return {}


class Handler:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        responses.insert(-1, "250-DSN")
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        what = script().get(address)
        first = address not in tried
        tried.add(address)
        if what == "later" and first:
            return "451 4.7.1 greylisted, try again"
        if what == "full":
            return "452 4.2.2 mailbox full"
        if what == "refuse":
            return "550 5.1.1 no such user"
        if what == "policy":
            return "550 5.7.1 not today"
        if what == "busy":
            return "421 4.3.2 shutting down"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        what = script().get(envelope.rcpt_tos[0])
        if what == "data_refuse":
            return "554 5.6.0 not this content"
        number = len(os.listdir(f"{folder}/accepted"))
        record = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "options": envelope.mail_options,
                  "tls": bool(server.transport.get_extra_info("ssl_object")), "user": session.auth_data and session.auth_data.login.decode(),
                  "content": envelope.content.decode("utf-8", "surrogateescape")}
        if what == "drop_after_dot":
            record["dropped"] = True
        with open(f"{folder}/accepted/{number:04d}.json", "w", errors="surrogateescape") as out:
            json.dump(record, out)
        if what == "drop_after_dot":
            server.transport.close()
            await asyncio.sleep(0)
        return "250 2.0.0 taken"


class Server(SMTP):
    # aiosmtpd does not know RFC 3461.
    async def smtp_MAIL(self, arg):
        words = (arg or "").split()
        self.dsn = [word for word in words if word.startswith(("RET=", "ENVID="))]
        await super().smtp_MAIL(" ".join(word for word in words if word not in self.dsn))
        if self.envelope.mail_from:
            self.envelope.mail_options.extend(self.dsn)

    async def smtp_DATA(self, arg):
        if self.envelope.rcpt_tos and script().get(self.envelope.rcpt_tos[0]) == "drop_before_dot":
            self.transport.close()
            return
        await super().smtp_DATA(arg)


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and [data.login.decode(), data.password.decode()] == login
    return AuthResult(success=good, auth_data=data if good else None)


def factory():
    options = {"hostname": "test", "enable_SMTPUTF8": True}
    if mode == "starttls":
        options.update(tls_context=context, require_starttls=True)
    if login:
        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=mode == "starttls")
    return Server(Handler(), **options)


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(factory, "127.0.0.1", 0, ssl=context if mode == "implicit" else None)
    with open(f"{folder}/port.new", "w") as out:
        out.write(str(server.sockets[0].getsockname()[1]))
    os.rename(f"{folder}/port.new", f"{folder}/port")
    await server.serve_forever()


asyncio.run(main())
