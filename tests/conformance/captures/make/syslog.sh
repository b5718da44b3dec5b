# shellcheck shell=bash
# Senders of syslog of four kinds: util-linux logger, rsyslog, Perl's Sys::Syslog, Python's logging.

syslog_versions() { deb bsdutils rsyslog perl-modules-5.36 python3; }
python_of_syslog() { echo none; }

# syslog_rsyslog PROTOCOL PORT TEMPLATE FRAMING: what programs of the client say to its own rsyslog, which forwards it.
syslog_rsyslog() {
    cat >$work/rsyslog.conf <<END
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$work/log.socket" CreatePath="on" UsePidFromSystem="off")
global(workDirectory="$work")
action(type="omfwd" Target="192.0.2.1" Protocol="$1" Port="$2" Template="$3" TCP_Framing="$4")
END
    start client rsyslogd -n -f $work/rsyslog.conf -i $work/rsyslog.pid
    for _ in $(seq 100); do [ -S $work/log.socket ] && break; sleep 0.05; done
    local text
    for text in local0.info local1.warning user.notice daemon.err mail.debug auth.crit cron.alert; do
        at client logger -u $work/log.socket -p $text -t "ct01d" --id=41 -- "study sent, $text"
        # Each in a segment of its own: the oracle reads one message of a segment.
        sleep 0.1
    done
    at client logger -u $work/log.socket -p user.info -t imaging/queue -- "three objects wait"
    sleep 0.7
    ended
    rm -f $work/log.socket
}

syslog() {
    # What listens is rsyslog too.
    cat >$work/collector.conf <<END
module(load="imudp")
module(load="imtcp")
input(type="imudp" port="514")
input(type="imtcp" port="601")
input(type="imtcp" port="1468")
action(type="omfile" file="$work/received")
END
    start server rsyslogd -n -f $work/collector.conf -i $work/collector.pid
    listening udp 514
    listening tcp 601
    listening tcp 1468
    record own__syslog.pcap 'port 514 or port 601 or port 1468'
    local priority form
    for priority in kern.emerg user.alert mail.crit daemon.err auth.warning syslog.notice lpr.info news.debug uucp.info \
        cron.info authpriv.info ftp.info local0.info local1.info local2.info local3.info local4.info local5.info \
        local6.info local7.debug; do
        for form in --rfc3164 --rfc5424; do
            at client logger -n 192.0.2.1 -d -P 514 $form -p $priority -t "${priority%.*}-unit" -- "unit says $priority"
        done
    done
    for form in --rfc5424=notime --rfc5424=nohost --rfc5424=notq "--rfc5424 --msgid ITI-20" \
        "--rfc5424 --sd-id origin --sd-param software=\"dose\"" "--rfc3164 --id=7" "--rfc5424 --id=7"; do
        # shellcheck disable=SC2086
        at client logger -n 192.0.2.1 -d -P 514 $form -p local4.notice -t doser -- "dose report is written"
    done
    at client logger -n 2001:db8::1 -d -P 514 --rfc5424 -p local4.notice -t doser -- "over IPv6"
    # Over TCP: lines to port 1468, messages behind their length to 601.
    for form in --rfc3164 --rfc5424; do
        for priority in local0.info local5.warning auth.err; do
            at client logger -n 192.0.2.1 -T -P 1468 $form -p $priority -t gateway -- "gateway says $priority"
            at client logger -n 192.0.2.1 -T -P 601 --octet-count $form -p $priority -t gateway -- "gateway says $priority"
        done
    done
    for form in RSYSLOG_TraditionalForwardFormat RSYSLOG_ForwardFormat RSYSLOG_SyslogProtocol23Format; do
        syslog_rsyslog udp 514 $form traditional
        syslog_rsyslog tcp 1468 $form traditional
        syslog_rsyslog tcp 601 $form octet-counted
    done
    at client perl -MSys::Syslog=:standard,:macros -e '
        Sys::Syslog::setlogsock({ type => "udp", host => "192.0.2.1", port => 514 });
        openlog("worklist", "ndelay,pid", LOG_LOCAL2);
        syslog($_, "worklist asked") for LOG_INFO, LOG_WARNING, LOG_ERR;'
    at client python3 -c '
import logging.handlers
handler = logging.handlers.SysLogHandler(("192.0.2.1", 514), facility="local3")
handler.ident = "router: "
log = logging.getLogger("router")
log.addHandler(handler)
for word in ("warning", "error", "critical"):
    getattr(log, word)("route is %s", word)'
    recorded
    ended
}
