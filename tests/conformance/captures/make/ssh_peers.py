"""SSH by two Python libraries: ssh_peers.py serve|ask paramiko|asyncssh ADDRESS [ALGORITHM=NAME...]."""
import asyncio
import socket
import sys

import asyncssh
import paramiko

HOST_KEY = "/run/work/ssh/host_ed25519"
USER_KEY = "/run/work/ssh/user"


class Door(paramiko.ServerInterface):
    def check_auth_publickey(self, username, key):
        return paramiko.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username):
        return "publickey"


def restrict(transport, wanted):
    options = transport.get_security_options()
    for word, name in wanted.items():
        setattr(options, {"cipher": "ciphers", "mac": "digests"}.get(word, word), [name])


def serve_paramiko(address, wanted):
    door = socket.create_server((address, 22), reuse_port=True)
    key = paramiko.Ed25519Key.from_private_key_file(HOST_KEY)
    while True:
        transport = paramiko.Transport(door.accept()[0])
        transport.add_server_key(key)
        restrict(transport, wanted)
        transport.start_server(server=Door())


def ask_paramiko(address, wanted):
    transport = paramiko.Transport((address, 22))
    restrict(transport, wanted)
    transport.connect(username="root", pkey=paramiko.Ed25519Key.from_private_key_file(USER_KEY))
    transport.close()


def lists(wanted):
    words = {"kex": "kex_algs", "cipher": "encryption_algs", "mac": "mac_algs", "compression": "compression_algs"}
    return {words[word]: [name] for word, name in wanted.items()}


async def serve_asyncssh(address, wanted):
    await asyncssh.listen(address, 22, server_host_keys=[HOST_KEY], authorized_client_keys=USER_KEY + ".pub",
                          **lists(wanted))
    await asyncio.Event().wait()


async def ask_asyncssh(address, wanted):
    async with asyncssh.connect(address, username="root", client_keys=[USER_KEY], known_hosts=None, config=None,
                                **lists(wanted)):
        pass


def main():
    what, library, address, *pairs = sys.argv[1:]
    wanted = dict(pair.split("=") for pair in pairs)
    done = globals()[f"{what}_{library}"](address, wanted)
    if done is not None:
        asyncio.run(done)


main()
