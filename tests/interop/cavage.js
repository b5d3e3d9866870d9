// npm's http-signature as a filter: one JSON list of jobs in, one of answers out.
'use strict';
const { argv, stdin, stdout } = process;
const signature = require(argv[2] + '/node_modules/http-signature');

class Message {
  constructor(job) {
    this.method = job.method;
    this.path = job.target;
    this.url = job.target;
    this.httpVersion = '1.1';
    this.headers = {};
    for (const [name, value] of Object.entries(job.headers)) this.headers[name.toLowerCase()] = value;
  }
  getHeader(name) { return this.headers[name.toLowerCase()]; }
  setHeader(name, value) { this.headers[name.toLowerCase()] = value; }
}

function answer(job) {
  const message = new Message(job);
  if (job.what === 'sign') {
    const options = { keyId: job.id, key: job.secret, headers: job.names, authorizationHeaderName: job.carrier };
    if (job.algorithm) options.algorithm = job.algorithm;
    if (job.expires) options.expiresIn = job.expires;
    signature.sign(message, options);
    return { value: message.headers[job.carrier.toLowerCase()] };
  }
  const parsed = signature.parseRequest(message, { clockSkew: 1e9, headers: job.names });
  const check = job.algorithm.startsWith('hmac') ? signature.verifyHMAC : signature.verifySignature;
  return { good: check(parsed, job.public), string: parsed.signingString };
}

let text = '';
stdin.on('data', (piece) => { text += piece; });
stdin.on('end', () => stdout.write(JSON.stringify(JSON.parse(text).map(answer))));
