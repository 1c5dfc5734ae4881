// http-proxy (Node) at the edge: it ends TLS and is the first to see the client. npm install http-proxy
// yourl beside it: YOURL_TRUSTED_PROXIES=127.0.0.1
const fs = require('fs');
const https = require('https');
const httpProxy = require('http-proxy');

const proxy = httpProxy.createProxyServer({
  target: 'http://127.0.0.1:8080',
  // Sets X-Forwarded-For, -Proto, -Port and -Host, or rather appends to what is there.
  xfwd: true,
  // A finding's fix goes here, in place of the lines for the same header.
});

// What an app may believe and only the client can have sent.
const forged = /^(forwarded|x-forwarded-.*|x-real-ip|front-end-https|x-url-scheme|x-scheme|x-script-name)$/;

function prepare(req) {
  for (const name of Object.keys(req.headers)) {
    if (forged.test(name)) delete req.headers[name];
  }
  delete req.headers['http2-settings'];
  // Below /yourl/ the prefix is cut off and announced.
  if (req.url.startsWith('/yourl/')) {
    req.headers['x-forwarded-prefix'] = '/yourl';
    req.url = req.url.slice('/yourl'.length);
  }
}

const tls = { cert: fs.readFileSync('/etc/ssl/yourl.crt'), key: fs.readFileSync('/etc/ssl/yourl.key') };
const server = https.createServer(tls, (req, res) => {
  prepare(req);
  proxy.web(req, res);
});
server.on('upgrade', (req, socket, head) => {
  // Only WebSocket upgrades pass; h2c would be a tunnel around every rule here.
  if (!/^websocket$/i.test(req.headers.upgrade)) {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  prepare(req);
  proxy.ws(req, socket, head);
});
proxy.on('error', (error, req, res) => {
  if (res.writeHead && !res.headersSent) res.writeHead(502);
  res.end();
});
server.listen(8443);
