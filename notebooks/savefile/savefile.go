// This file writes a file so that a failure leaves the old one untouched.

// Package savefile replaces files whole or not at all. The new content goes
// into a temporary file in the same folder, is synced, and takes the old
// file's place by a rename; on any failure, a full disk included, the
// temporary file is removed and the old file stays as it was.
//
// It is not for appending, and gives no lock: of two writers the last wins.
package savefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Write puts data into the named file, and makes its folder if needed. An
// existing file keeps its permissions; a new one gets 0644 less the umask. If
// name is a symbolic link, the file that it points to is replaced.
func Write(name string, data []byte) error {
	return write(name, data, create)
}

// Try tells whether files can be written into the folder dir, which it makes if
// needed: it writes a small one there and removes it.
func Try(dir string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the folder %s cannot be written to: %w", dir, err)
		}
	}()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	temp, f, err := open(filepath.Join(dir, "try"), 0o600, create)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 4096)) // a block, so that a full disk shows
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(temp))
}

func create(name string, perm fs.FileMode) (file, error) {
	return os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
}

// file is the part of *os.File that is needed; tests put a full disk behind it.
type file interface {
	io.WriteCloser
	Sync() error
}

func write(name string, data []byte, create func(string, fs.FileMode) (file, error)) (err error) {
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s was not written (an older one stays as it was): %w", name, err)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	perm := fs.FileMode(0o666)
	old, statErr := os.Stat(name)
	if statErr == nil {
		if old.IsDir() {
			return errors.New("it is a folder")
		}
		perm = old.Mode().Perm()
	}
	temp, f, err := open(name, perm, create)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp)
		}
	}()
	n, err := f.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if statErr == nil {
		// The umask may have taken bits that the old file had.
		if err := os.Chmod(temp, perm); err != nil {
			return err
		}
	}
	return os.Rename(temp, name)
}

// open makes a temporary file beside name that nobody else has.
func open(name string, perm fs.FileMode, create func(string, fs.FileMode) (file, error)) (string, file, error) {
	dir, base := filepath.Split(name)
	for i := range 1000 {
		temp := filepath.Join(dir, fmt.Sprintf(".%s.%d-%d.tmp", base, os.Getpid(), i))
		f, err := create(temp, perm)
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return temp, f, err
		}
	}
	return "", nil, errors.New("too many temporary files beside it: remove the .tmp files")
}
