// Package wire carries Jupyter's messages: it reads the connection file, signs
// and checks, frames and parses, and serves the five sockets of a kernel. It is
// not for deciding anything: what a message asks for, and in which order it is
// answered, is package session's business. It is not a general ZeroMQ library
// either; it only has what the side that listens needs.
//
//	connection.go  the connection file
//	message.go     header, message, channels
//	codec.go       frames to message and back, signatures
//	guard.go       the limits on bytes from a peer that nobody has authenticated
//	queue.go       what waits for one slow peer, and what is dropped
//	peer.go        one connection: handshake, one reader, one writer
//	sockets.go     the five sockets, and who gets what
//	memory.go      the same without sockets, for tests
//
// # Why not zmq4's own sockets
//
// Greeting, handshake and frame parsing are those of go-zeromq/zmq4
// ([zmq4.Open] and [zmq4.Conn]); its socket types are not used. In v0.17.0 one
// subscriber that stops reading stops all others, a ROUTER writes under one
// lock, a peer that never greets blocks all newcomers, XPUB does not tell who
// subscribed, Close does not drain, and a frame header that claims 2^62 bytes
// ends the process, all before a signature is checked. With a connection each
// of our own, these go away: a handshake has a deadline, a read passes a guard,
// and every peer has its own bounded queue and writer.
package wire
