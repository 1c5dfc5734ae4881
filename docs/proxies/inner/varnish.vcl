# Varnish behind another proxy of yours: the edge has set every header, this one adds itself to X-Forwarded-For
# and passes the others on as they came. Start it with
#   varnishd -f /etc/varnish/varnish.vcl -a 127.0.0.1:8081
# yourl beside it: YOURL_TRUSTED_PROXIES= with the addresses of both proxies, or 2

vcl 4.1;

backend yourl {
    .host = "127.0.0.1";
    .port = "8080";
}

acl edge {
    "127.0.0.1";
}

sub vcl_recv {
    # Nobody but the edge: whoever gets here is believed.
    if (client.ip !~ edge) {
        return (synth(403));
    }

    # A finding's fix goes here, in place of the lines for the same header.

    if (req.http.Upgrade ~ "(?i)^websocket$") {
        return (pipe);
    }
    return (pass);
}

sub vcl_pipe {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = req.http.Connection;
}
