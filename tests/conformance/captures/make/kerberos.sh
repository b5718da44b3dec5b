# shellcheck shell=bash
# MIT krb5: a KDC, and its clients over UDP and TCP.

kerberos_versions() { deb krb5-kdc krb5-user; }
python_of_kerberos() { echo none; }

kerberos_files() {
    mkdir -p $work/krb5
    cat >$work/krb5/kdc.conf <<END
[kdcdefaults]
 kdc_ports = 88
 kdc_tcp_ports = 88
[realms]
 CLINIC.EXAMPLE = {
  database_name = $work/krb5/principal
  key_stash_file = $work/krb5/stash
  acl_file = $work/krb5/acl
  max_renewable_life = 7d
  supported_enctypes = aes256-cts:normal aes128-cts:normal aes256-sha2:normal camellia256-cts:normal
  default_principal_flags = +renewable
 }
END
    # One file for each transport and for each list of what the client can.
    local transport etypes
    for transport in udp tcp; do
        for etypes in default aes128-cts aes256-sha2 camellia256-cts; do
            {
                printf '[libdefaults]\n default_realm = CLINIC.EXAMPLE\n dns_lookup_kdc = false\n rdns = false\n'
                printf ' dns_canonicalize_hostname = false\n'
                [ $transport = tcp ] && printf ' udp_preference_limit = 1\n'
                [ $etypes = default ] || printf ' default_tkt_enctypes = %s\n default_tgs_enctypes = %s\n' $etypes $etypes
                printf '[realms]\n CLINIC.EXAMPLE = {\n  kdc = 192.0.2.1\n }\n'
                printf '[domain_realm]\n .clinic.example = CLINIC.EXAMPLE\n'
            } >$work/krb5/$transport-$etypes.conf
        done
    done
}

# kinit_as WORDS...: with a password on standard input.
kinit_as() {
    local password=$1
    shift
    printf '%s\n' "$password" | at client kinit "$@" >>$work/log 2>&1 || true
}

kerberos() {
    kerberos_files
    export KRB5_KDC_PROFILE=$work/krb5/kdc.conf KRB5CCNAME=$work/krb5/cache KRB5_CONFIG=$work/krb5/udp-default.conf
    local admin="server kadmin.local -q"
    try server kdb5_util create -s -r CLINIC.EXAMPLE -P synthetic-master
    try $admin "addprinc -pw scan-pw +requires_preauth scan01"
    try $admin "addprinc -pw open-pw archive"
    try $admin "addprinc -pw old-pw -pwexpire 2020-01-01 +requires_preauth retired"
    try $admin "addprinc -pw gone-pw -expire 2020-01-01 formerly"
    try $admin "addprinc -pw locked-pw -allow_tix locked"
    local service
    for service in host/pacs.clinic.example dicom/pacs.clinic.example HTTP/ris.clinic.example cifs/srv01.clinic.example; do
        try $admin "addprinc -randkey +ok_as_delegate $service"
    done
    try $admin "ktadd -k $work/krb5/keytab host/pacs.clinic.example"
    start server krb5kdc -n -r CLINIC.EXAMPLE
    listening udp 88
    listening tcp 88
    record own__kerberos.pcap 'port 88'
    local etypes
    for etypes in default aes128-cts aes256-sha2 camellia256-cts; do
        export KRB5_CONFIG=$work/krb5/udp-$etypes.conf
        kinit_as scan-pw scan01
        try client kvno host/pacs.clinic.example
    done
    export KRB5_CONFIG=$work/krb5/udp-default.conf
    kinit_as scan-pw -f -p -r 3d -l 2h scan01
    try client kinit -R
    try client kvno dicom/pacs.clinic.example HTTP/ris.clinic.example
    try client kvno dicom/nowhere.clinic.example
    kinit_as open-pw archive
    kinit_as open-pw -S cifs/srv01.clinic.example archive
    kinit_as wrong scan01
    kinit_as any nobody01
    kinit_as old-pw retired
    kinit_as gone-pw formerly
    kinit_as locked-pw locked
    kinit_as scan-pw -C -E scan01@clinic.example
    kinit_as scan-pw -a scan01
    try client kinit -k -t $work/krb5/keytab host/pacs.clinic.example
    KRB5CCNAME=$work/krb5/armour kinit_as open-pw archive
    kinit_as scan-pw -T $work/krb5/armour scan01
    try client kinit -n
    export KRB5_CONFIG=$work/krb5/tcp-default.conf
    kinit_as scan-pw scan01
    try client kvno host/pacs.clinic.example dicom/pacs.clinic.example dicom/nowhere.clinic.example
    kinit_as wrong scan01
    kinit_as any nobody01
    export KRB5_CONFIG=$work/krb5/tcp-aes128-cts.conf
    kinit_as open-pw archive
    recorded
    ended
    unset KRB5_KDC_PROFILE KRB5CCNAME KRB5_CONFIG
}
