# shellcheck shell=bash
# SSH: four servers and six clients, with their own lists of algorithms and with shorter ones.

ssh_versions() { deb openssh-server openssh-client dropbear-bin putty-tools; }
python_of_ssh() { echo 'asyncssh|paramiko'; }

# openssh OPTION...: its client, which does not know the server and goes when it sees its key.
openssh() {
    try client ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null "$@" \
        root@192.0.2.1 true
}
python_ssh() { try client "$VENV/bin/python" $out/make/ssh_peers.py ask "$@"; }

# By every client, with short lists where it can.
ssh_clients() {
    openssh -o KexAlgorithms=curve25519-sha256 -o Ciphers=aes128-ctr -o MACs=hmac-sha2-256 -o HostKeyAlgorithms=ssh-ed25519
    try client dbclient -c aes256-ctr -m hmac-sha2-256 root@192.0.2.1 true
    try client plink -batch root@192.0.2.1 true
    python_ssh paramiko 192.0.2.1 kex=curve25519-sha256@libssh.org cipher=aes256-ctr mac=hmac-sha2-256
    python_ssh asyncssh 192.0.2.1 kex=curve25519-sha256 cipher=aes128-ctr mac=hmac-sha2-256
}

ssh() {
    mkdir -p $work/ssh
    ssh-keygen -q -t ed25519 -N '' -C host -f $work/ssh/host_ed25519
    ssh-keygen -q -t ed25519 -N '' -C user -f $work/ssh/user
    try server dropbearconvert openssh dropbear $work/ssh/host_ed25519 $work/ssh/host.dropbear
    printf 'HostKey %s\n' $work/ssh/host_ed25519 >$work/ssh/sshd_config
    printf 'AuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPidFile none\n' $work/ssh/user.pub >>$work/ssh/sshd_config
    record own__ssh.pcap 'port 22'

    start server /usr/sbin/sshd -D -e -f $work/ssh/sshd_config
    listening tcp 22
    ssh_clients
    # A whole session, and one over IPv6.
    try client ssh -F none -i $work/ssh/user -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null root@192.0.2.1 true
    openssh -o HostName=2001:db8::1 -o Compression=yes
    try client ssh-keyscan -T 5 -t ed25519 192.0.2.1
    # Nothing in common: both say what they have, and no more.
    openssh -o KexAlgorithms=diffie-hellman-group1-sha1
    ended

    # Another of its name, with short lists of its own.
    start server /usr/sbin/sshd -D -e -f $work/ssh/sshd_config -o DebianBanner=no -o VersionAddendum=gateway-4 \
        -o KexAlgorithms=ecdh-sha2-nistp256,curve25519-sha256,curve25519-sha256@libssh.org -o Ciphers=aes256-ctr,aes128-ctr \
        -o MACs=hmac-sha2-512,hmac-sha2-256 -o Compression=no -o HostKeyAlgorithms=ssh-ed25519
    listening tcp 22
    ssh_clients
    local kex cipher mac
    for kex in ecdh-sha2-nistp256 curve25519-sha256 curve25519-sha256@libssh.org; do
        for cipher in aes256-ctr aes128-ctr; do
            for mac in hmac-sha2-256 hmac-sha2-512; do
                openssh -o KexAlgorithms=$kex -o Ciphers=$cipher -o MACs=$mac -o HostKeyAlgorithms=ssh-ed25519
            done
        done
    done
    ended

    start server dropbear -F -E -r $work/ssh/host.dropbear -p 22
    listening tcp 22
    ssh_clients
    ended

    local one
    for one in paramiko asyncssh; do
        start server "$VENV/bin/python" $out/make/ssh_peers.py serve $one 192.0.2.1
        listening tcp 22
        ssh_clients
        ended
    done
    recorded
}
