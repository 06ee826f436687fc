/*
 * app/notify.h: tells the service manager what the process is at (systemd's protocol of sd_notify,
 * Type=notify in the unit). One datagram, so without libsystemd.
 */
#ifndef APP_NOTIFY_H
#define APP_NOTIFY_H

/* Sends "READY=1" or the like to the socket that NOTIFY_SOCKET names; nothing without that
 * variable. The manager gives up on a service that it does not hear of, so a failure is printed. */
void notify_manager(const char *state);

#endif
