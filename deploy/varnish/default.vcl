vcl 4.1;

# Varnish before the web servers. Goes into /etc/varnish with sheaf.vcl; the addresses are examples. It is started with
#
#   varnishd -a 127.0.0.1:6081,PROXY -a purge=127.0.0.1:6082 -f /etc/varnish/default.vcl -s malloc,64m -p http_gzip_support=off
#
# Pages come from Sheaf pressed in each encoding; with its own gzip, Varnish asks for that one alone. TLS is ended in front of it by what
# speaks the PROXY protocol (hitch, HAProxy), so that a client has its own address here. `sheaf purge` comes to the second port:
#
#   SHEAF_PURGE_URLS=http://127.0.0.1:6082/
#
# Run: compiled by Varnish 7.1. The rules in sheaf.vcl say for themselves what of them was run.

import directors;

# A server that is being replaced says no here for SHEAF_DRAIN_SECONDS, which is more than two of these.
probe ready {
    .url = "/readyz";
    .interval = 2s;
    .timeout = 1s;
    .window = 3;
    .threshold = 2;
    .initial = 2;
}

# Events say something every 15 seconds; an upload may pause for a minute.
backend web1 {
    .host = "127.0.0.1";
    .port = "3001";
    .connect_timeout = 2s;
    .first_byte_timeout = 90s;
    .between_bytes_timeout = 90s;
    .probe = ready;
}

backend web2 {
    .host = "127.0.0.1";
    .port = "3002";
    .connect_timeout = 2s;
    .first_byte_timeout = 90s;
    .between_bytes_timeout = 90s;
    .probe = ready;
}

# The machines on which somebody runs `sheaf purge`.
acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_init {
    new web = directors.round_robin();
    web.add_backend(web1);
    web.add_backend(web2);
}

sub vcl_recv {
    set req.backend_hint = web.backend();
}

include "sheaf.vcl";
