// Copyright 2009 The Go Authors. All rights reserved.
// Use of this source code is governed by a BSD-style
// license that can be found in the LICENSE file.

package pbkdf2

// This file gives Key hashes of one type, which compiled code takes.

import "hash"

func Key[Hash hash.Hash](h func() Hash, password string, salt []byte, iter, keyLength int) ([]byte, error) {
	return key(func() hash.Hash { return h() }, password, salt, iter, keyLength)
}

func key(h func() hash.Hash, password string, salt []byte, iter, keyLength int) ([]byte, error)
