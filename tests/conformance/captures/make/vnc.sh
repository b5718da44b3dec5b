# shellcheck shell=bash
# VNC: servers of TigerVNC, TightVNC and LibVNCServer (x11vnc), seen by five viewers and a scanner, by the kinds of
# security that they have in common.

vnc_versions() {
    deb tigervnc-standalone-server tigervnc-viewer tightvncserver xtightvncviewer x11vnc libvncserver1 vncsnapshot \
        gvncviewer libgtk-vnc-2.0-0 nmap
}
python_of_vnc() { echo vncdotool; }

# As small as they go: pictures are not compared.
PIXELS=32x32

# desktop PROGRAM NAME OPTION...: a server of TigerVNC or TightVNC that shows a desktop of this name.
desktop() {
    local program=$1 name=$2
    shift 2
    start server "$program" :7 -rfbport 5900 -geometry $PIXELS -depth 16 -desktop "$name" "$@"
    listening tcp 5900
}

# x11 NAME OPTION...: x11vnc on a screen of Xvfb.
x11() {
    local name=$1
    shift
    start server x11vnc -display :8 -rfbport 5900 -clip $PIXELS+0+0 -desktop "$name" -forever -shared -noxdamage \
        -nocursor -quiet -no6 "$@"
    listening tcp 5900
}

# The viewers, some of which have to be ended.
briefly() { at client timeout 0.7 "$@" >>$work/log 2>&1 </dev/null || true; }
tiger() { briefly xtigervncviewer -display :9 "$@" 192.0.2.1:0; }
tight() { briefly xtightvncviewer -display :9 "$@" 192.0.2.1:0; }
snapshot() { briefly vncsnapshot -quiet "$@" 192.0.2.1:0 $work/picture.jpg; }
twisted() { try client "$VENV/bin/vncdotool" -s 192.0.2.1::5900 "$@"; }
scanner() { try client nmap -n -Pn -p 5900 --script "$1" 192.0.2.1; }
gtk() { printf 'bedside\n' | at client timeout 2 gvnccapture --quiet 192.0.2.1:0 $work/picture.png >>$work/log 2>&1 || true; }

# All of them, of a server that asks for nothing.
open_viewers() {
    tiger -Shared
    tight
    snapshot
    gtk
    scanner vnc-title
    scanner vnc-info
    twisted pause 0
    twisted key a
}

# Of one that asks for a password, with the right one and with a wrong one.
asked_viewers() {
    tiger -passwd $work/vnc.passwd
    tight -passwd $work/vnc.passwd
    gtk
    scanner vnc-info
    twisted -p bedside pause 0
    twisted -p wrong pause 0
}

vnc() {
    printf 'bedside\n' | tigervncpasswd -f >$work/vnc.passwd
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=srv01.clinic.example -days 3650 -keyout $work/vnc.key \
        -out $work/vnc.crt 2>>$work/log
    cat $work/vnc.key $work/vnc.crt >$work/vnc.pem
    start server Xvfb :8 -screen 0 64x64x16
    start client Xvfb :9 -screen 0 640x480x24
    sleep 1
    record own__vnc.pcap 'port 5900'

    desktop Xtigervnc "CT console 1" -SecurityTypes None
    open_viewers
    ended
    desktop Xtigervnc "Angiography review" -SecurityTypes None -Protocol3.3
    open_viewers
    ended
    desktop Xtigervnc "Dose station" -SecurityTypes VncAuth -PasswordFile $work/vnc.passwd
    asked_viewers
    # It speaks version 3.3, where a kind of security and its challenge come in one segment.
    snapshot -passwd $work/vnc.passwd
    ended
    desktop Xtightvnc "Gamma camera"
    snapshot
    gtk
    twisted pause 0
    ended
    desktop Xtightvnc "Bone density" -rfbauth $work/vnc.passwd
    tight -passwd $work/vnc.passwd
    gtk
    twisted -p bedside pause 0
    ended
    local kind version name what
    for kind in TLSNone TLSVnc X509None X509Vnc; do
        desktop Xtigervnc "Sealed, $kind" -SecurityTypes $kind,VncAuth,None -PasswordFile $work/vnc.passwd \
            -X509Cert $work/vnc.crt -X509Key $work/vnc.key
        tiger -SecurityTypes $kind -passwd $work/vnc.passwd -X509CA $work/vnc.crt
        scanner vnc-info
        ended
    done
    for version in 3.3 3.7 3.8; do
        x11 "Ultrasound 2, $version" -rfbversion $version
        # In version 3.7 viewers say which kind they choose and whether they share in one segment: once is enough.
        if [ $version = 3.7 ]; then scanner vnc-title; gtk; twisted pause 0; else open_viewers; fi
        ended
        x11 "Endoscopy, $version" -rfbversion $version -passwd bedside
        asked_viewers
        ended
    done
    x11 Laboratory -ssl $work/vnc.pem -vencrypt support
    tiger -SecurityTypes X509None,TLSNone -X509CA $work/vnc.crt
    scanner vnc-info
    ended
    # Many of a kind, with two kinds of security to choose from.
    for name in Mammography Injector Worklist "Bay 3" Pharmacy Dialysis Triage "Theatre 2" Recovery Dermatology Sterile \
        Archive Reception "Ward 7" Cardiology; do
        desktop Xtigervnc "$name" -SecurityTypes None,TLSNone
        for what in "pause 0" "move 3 3" "key a" "type x" "click 1" "move 0 0" "keydown b keyup b" "move 9 9 click 2"; do
            # shellcheck disable=SC2086
            twisted $what
            # shellcheck disable=SC2086
            twisted $what pause 0.01
        done
        scanner vnc-title
        ended
    done
    ended
    ended
    recorded
}
