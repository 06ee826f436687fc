#!/bin/sh
# Makes throw-away certificates in a directory: an authority, a server called localhost (good and
# expired), a client called octo (good and from another authority).
set -eu
cd "$1"
umask 077

# authority NAME
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj "/CN=octo test $1" -keyout "$1.key" -out "$1.crt"
}

# certificate NAME AUTHORITY COMMON_NAME FIRST_DAY LAST_DAY
certificate() {
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -subj "/CN=$3" -addext "subjectAltName=DNS:$3" -keyout "$1.key" -out "$1.csr"
    openssl ca -batch -config ca.conf -cert "$2.crt" -keyfile "$2.key" \
        -startdate "$4" -enddate "$5" -in "$1.csr" -out "$1.crt" -notext
}

cat >ca.conf <<CONF
[ca]
default_ca = test
[test]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
CONF
: >index.txt
now=$(date -u -d '1 hour ago' +%Y%m%d%H%M%SZ)
later=$(date -u -d '1 day' +%Y%m%d%H%M%SZ)
{
    authority ca
    authority other_ca
    certificate server ca localhost "$now" "$later"
    certificate expired ca localhost 20200101000000Z 20200201000000Z
    certificate client ca octo "$now" "$later"
    certificate stranger other_ca octo "$now" "$later"
} >certs.log 2>&1 || {
    cat certs.log >&2
    exit 1
}
