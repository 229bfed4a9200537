//go:build !amd64 && !arm64

package rtype

// This file stands in for the method stubs on machines that have none.

import (
	"fmt"
	"reflect"
	"runtime"
	"unsafe"
)

func stubsFor(recv reflect.Type, m *Method) (ifn, tfn unsafe.Pointer, err error) {
	return nil, nil, fmt.Errorf("rtype: methods of cells' types need amd64 or arm64; this is %s", runtime.GOARCH)
}
