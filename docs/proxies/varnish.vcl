# Varnish behind hitch (hitch.conf), which ends TLS and tells of the client in the PROXY protocol. Start it with
#   varnishd -f /etc/varnish/varnish.vcl -a tls=127.0.0.1:8444,PROXY
# yourl beside it: YOURL_TRUSTED_PROXIES=127.0.0.1

vcl 4.1;
import std;

backend yourl {
    .host = "127.0.0.1";
    .port = "8080";
}

sub vcl_recv {
    # What an app may believe and only the client can have sent.
    unset req.http.Forwarded;
    unset req.http.X-Forwarded-Prefix;
    unset req.http.X-Forwarded-Scheme;
    unset req.http.X-Forwarded-Protocol;
    unset req.http.X-Forwarded-Ssl;
    unset req.http.X-Real-IP;
    unset req.http.Front-End-Https;
    unset req.http.X-Url-Scheme;
    unset req.http.X-Scheme;
    unset req.http.X-Script-Name;
    unset req.http.HTTP2-Settings;

    # Varnish has appended client.ip to what the client sent; only client.ip is known.
    set req.http.X-Forwarded-For = client.ip;
    if (local.socket == "tls") {
        set req.http.X-Forwarded-Proto = "https";
    } else {
        set req.http.X-Forwarded-Proto = "http";
    }
    set req.http.X-Forwarded-Host = req.http.Host;
    set req.http.X-Forwarded-Port = std.port(server.ip);

    # Below /yourl/ the prefix is cut off and announced.
    if (req.url ~ "^/yourl/") {
        set req.http.X-Forwarded-Prefix = "/yourl";
        set req.url = regsub(req.url, "^/yourl", "");
    }

    # A finding's fix goes here, in place of the lines for the same header.

    # Only WebSocket upgrades pass; Varnish itself drops every Upgrade that is not piped.
    if (req.http.Upgrade ~ "(?i)^websocket$") {
        return (pipe);
    }
    # Every request of yourl's is worth seeing: nothing is cached.
    return (pass);
}

sub vcl_pipe {
    set bereq.http.Upgrade = req.http.Upgrade;
    set bereq.http.Connection = req.http.Connection;
}
