#!/bin/bash
# systemd_boot.sh ROOT INSTALLED: becomes Debian's systemd, the first process of a machine that is this one's /usr, what
# INSTALLED has of /usr/local (DESTDIR), and nothing else. In namespaces of its own (support/systemd.py); all of its
# files are in memory and go with it.
set -euo pipefail
root=$1 installed=$2

mount --make-rprivate /
mount -t tmpfs -o mode=755 none "$root"
cd "$root"
mkdir -p usr etc/systemd/system etc/octo var/lib var/log run tmp proc sys dev old
mount --rbind -o ro /usr usr
mount --bind "$installed/usr/local" usr/local
for name in bin sbin lib lib64; do
    ln -s "usr/$name" "$name"
done

# --- as docs/operations.md has it ---
cp -r /etc/ld.so.cache /etc/nsswitch.conf etc/
printf '%s\n' 'root:x:0:0::/:/bin/sh' 'octo:x:990:990::/var/lib/octo:/usr/sbin/nologin' >etc/passwd
printf '%s\n' 'root:x:0:' 'octo:x:990:' >etc/group
printf '%s\n' 'root:*:1::::::' 'octo:!*:1::::::' >etc/shadow
echo 0123456789abcdef0123456789abcdef >etc/machine-id
: >etc/os-release
cp usr/local/share/doc/octo/octo.env etc/octo/
od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >etc/octo/internal.key
od -An -N12 -tx1 /dev/urandom | tr -d ' \n' >etc/octo/admin.password
chown -R 0:990 etc/octo
chmod 640 etc/octo/*
chmod 750 etc/octo
for name in shop crm; do
    mkdir "etc/systemd/system/octo-$name.service.d"
    printf '[Service]\nStandardOutput=append:/var/log/%s\nStandardError=inherit\n' "$name" \
        >"etc/systemd/system/octo-$name.service.d/log.conf"
done
printf '[Unit]\nDefaultDependencies=no\nWants=octo-shop.service octo-crm.service\n' >etc/systemd/system/default.target
# What units of this kind wait for otherwise is of machines, not of services.
for name in basic sysinit network-online; do
    printf '[Unit]\nDefaultDependencies=no\n' >"etc/systemd/system/$name.target"
done

# --- what the kernel gives ---
mount -t proc none proc
mount -t sysfs -o ro none sys
mount -t cgroup2 none sys/fs/cgroup
mount -t tmpfs none dev
for name in null zero full random urandom tty; do
    touch "dev/$name"
    mount --bind "/dev/$name" "dev/$name"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 none dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs none run
ip link set lo up

pivot_root . old
umount -l old
cd /
exec env -i container=octo PATH=/usr/local/bin:/usr/sbin:/usr/bin /lib/systemd/systemd --system --log-level=err \
    --show-status=no
