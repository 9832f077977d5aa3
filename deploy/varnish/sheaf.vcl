vcl 4.1;

# What Varnish keeps of Sheaf: public pages and the files of the site. Everything else passes, whatever its answer says. It is included
# by default.vcl, which says where the web servers are and who may purge (`acl purgers`).
#
# Run: with Varnish 7.1, by server/tests/it/caches.rs. Not run: behind a real TLS proxy, on a real host.

sub vcl_recv {
    if (req.method == "PURGE") {
        call sheaf_purge;
    }
    # Whatever a client says of itself is put away, so that nobody has the address of another. With SHEAF_TRUST_PROXY=true.
    set req.http.X-Forwarded-For = client.ip;
    if ((req.method != "GET" && req.method != "HEAD") || req.url !~ "^/($|\?|(pricing|docs|legal|changelog)([/?]|$)|pkg/)") {
        # A large file may take a slow line longer than the ten minutes that an answer has by itself, and events never end.
        set sess.send_timeout = 12h;
        return (pass);
    }
    # These are rendered for nobody, so who somebody is stays here. What is left goes the usual way: by address and Host.
    unset req.http.Cookie;
    unset req.http.Authorization;
    call sheaf_encodings;
}

# Whoever may purge names tags; what has one of them is not found again. It is banned and not purged, as its addresses are not known.
sub sheaf_purge {
    # Behind a proxy of the same machine that does not speak the PROXY protocol, everybody comes from there: such a request has another
    # address before the proxy's.
    if (client.ip !~ purgers || req.http.X-Forwarded-For ~ ",") {
        return (synth(403, "Not for you"));
    }
    # The tags become a regular expression.
    if (req.http.Surrogate-Key !~ "^[a-z]+( [a-z]+)*$") {
        return (synth(400, "Name tags in Surrogate-Key"));
    }
    # It says something of the page alone and nothing of a request, so that Varnish can look for it in the background and give back what
    # it has held. What is on its way from a server right now is not reached: `sheaf purge` comes twice.
    ban("obj.http.Surrogate-Key ~ (^|\s)(" + regsuball(req.http.Surrogate-Key, " ", "|") + ")(\s|$)");
    return (synth(200, "Banned"));
}

# A page is kept once for each way in which this can be said, of which there are eight. Weights, which no browser gives, would make it
# any number: whoever gives some has the page as it is.
sub sheaf_encodings {
    set req.http.Sheaf-Encodings = "identity";
    if (req.http.Accept-Encoding !~ ";") {
        if (req.http.Accept-Encoding ~ "(?i)(^|[ ,])gzip([ ,]|$)") {
            set req.http.Sheaf-Encodings = req.http.Sheaf-Encodings + ", gzip";
        }
        if (req.http.Accept-Encoding ~ "(?i)(^|[ ,])zstd([ ,]|$)") {
            set req.http.Sheaf-Encodings = req.http.Sheaf-Encodings + ", zstd";
        }
        if (req.http.Accept-Encoding ~ "(?i)(^|[ ,])br([ ,]|$)") {
            set req.http.Sheaf-Encodings = req.http.Sheaf-Encodings + ", br";
        }
    }
    set req.http.Accept-Encoding = req.http.Sheaf-Encodings;
    unset req.http.Sheaf-Encodings;
}

sub vcl_backend_response {
    # The page before is shown for as long as Sheaf allows, and not a failure in its place.
    if (bereq.is_bgfetch && beresp.status >= 500) {
        return (abandon);
    }
    if (beresp.status != 200 || beresp.http.Set-Cookie || beresp.http.Cache-Control !~ "(^|[ ,])public([ ,]|$)"
        || beresp.http.Cache-Control ~ "private|no-store|no-cache") {
        # For so long nobody waits for another's answer at this address, since it would be of no use to them.
        set beresp.ttl = 120s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # How long it is fresh (s-maxage), and is shown while it is asked for anew (stale-while-revalidate), says the answer. For so long
    # after it is there to be compared with (ETag), which is mostly answered with 304. What is banned is neither shown nor compared.
    set beresp.keep = 60s;
}
