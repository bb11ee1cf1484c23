//go:build linux

// Package veth is test support: a network of one virtual cable that no other process sees,
// and a sender that replays frames into it.
//
// It needs root and the tool ip of iproute2. Nothing it sends leaves the network
// namespace that it made, and the namespace is gone when the work is done.
package veth

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Left and Right are the ends of the cable: what is sent into one arrives at the other.
const (
	Left  = "left0"
	Right = "right0"
	// MTU is the largest payload of a frame, bytes.
	MTU = 65535
)

// Do runs work on a thread of its own in a new network namespace that holds the loopback
// interface and a cable from [Left] to [Right], all up and silent: no addresses, no ARP,
// no IPv6. Sockets that work opens and commands that it starts live in that namespace;
// goroutines that it starts do not.
func Do(work func() error) error {
	done := make(chan error, 1)
	go func() {
		// Never unlocked: the thread ends with the goroutine, and the namespace with it.
		runtime.LockOSThread()
		done <- inside(work)
	}()
	return <-done
}

func inside(work func() error) error {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("make a network namespace: %w", err)
	}
	// The files of /proc/sys/net show the namespace of the thread that opens them.
	for _, file := range []string{"all", "default"} {
		path := "/proc/sys/net/ipv6/conf/" + file + "/disable_ipv6"
		if err := os.WriteFile(path, []byte("1"), 0); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("switch IPv6 off: %w", err)
		}
	}
	for _, args := range []string{
		"link add " + Left + " type veth peer name " + Right,
		fmt.Sprintf("link set %s mtu %d arp off up", Left, MTU),
		fmt.Sprintf("link set %s mtu %d arp off up", Right, MTU),
		"link set lo up",
	} {
		if err := IP(args); err != nil {
			return err
		}
	}
	return work()
}

// IP runs ip with args. Call it from within [Do].
func IP(args string) error {
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", args, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Sender puts frames on an interface.
type Sender struct {
	fd    int
	iov   [burst]unix.Iovec
	msg   [burst]mmsghdr
	ready int
}

const burst = 64

type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
	_   [4]byte
}

// NewSender opens a sender on the named interface. Call it from within [Do]; the sender
// may be used anywhere.
func NewSender(name string) (*Sender, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("send on %s: %w", name, err)
	}
	s := &Sender{fd: fd}
	req, err := unix.NewIfreq(name)
	if err == nil {
		err = unix.IoctlIfreq(fd, unix.SIOCGIFINDEX, req)
	}
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: int(req.Uint32())})
	}
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("send on %s: %w", name, err)
	}
	return s, nil
}

// Add queues a frame, which must not change before it is sent, and sends what is queued
// when there is enough of it. A frame is at least an Ethernet header and at most
// [MTU] behind one.
func (s *Sender) Add(frame []byte) error {
	s.iov[s.ready].Base = unsafe.SliceData(frame)
	s.iov[s.ready].SetLen(len(frame))
	s.msg[s.ready].hdr.Iov = &s.iov[s.ready]
	s.msg[s.ready].hdr.SetIovlen(1)
	if s.ready++; s.ready == burst {
		return s.Flush()
	}
	return nil
}

// Flush sends what is queued.
func (s *Sender) Flush() error {
	for at := 0; at < s.ready; {
		n, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.msg[at])), uintptr(s.ready-at), 0, 0, 0)
		switch errno {
		case 0:
			at += int(n)
		case unix.EINTR, unix.EAGAIN, unix.ENOBUFS: // the other end's queue is full
			runtime.Gosched()
		default:
			s.ready = 0
			return fmt.Errorf("send a frame: %w", errno)
		}
	}
	s.ready = 0
	return nil
}

// Close closes the sender.
func (s *Sender) Close() error { return unix.Close(s.fd) }

// Replay sends frames in order, at most rate of them a second (0: as fast as it goes).
func Replay(s *Sender, frames [][]byte, rate int) error {
	begun := time.Now()
	for i, frame := range frames {
		if err := s.Add(frame); err != nil {
			return err
		}
		if rate > 0 && i%burst == burst-1 {
			if err := s.Flush(); err != nil {
				return err
			}
			Pace(begun, i+1, rate)
		}
	}
	return s.Flush()
}

// Pace waits until sent frames since begun are no more than rate a second. It spins for
// the last stretch: the kernel's sleep is longer than the gap between bursts.
func Pace(begun time.Time, sent, rate int) {
	due := begun.Add(time.Duration(float64(sent) / float64(rate) * 1e9))
	for {
		left := time.Until(due)
		switch {
		case left <= 0:
			return
		case left > 2*time.Millisecond:
			time.Sleep(left - time.Millisecond)
		default:
			runtime.Gosched()
		}
	}
}

// Sendable reports whether a frame fits through the cable: an Ethernet header at least,
// whole if it announces a VLAN tag, as the kernel drops what it cannot untag.
func Sendable(frame []byte) bool {
	if len(frame) < 14 || len(frame) > MTU+14 {
		return false
	}
	switch binary.BigEndian.Uint16(frame[12:]) {
	case unix.ETH_P_8021Q, unix.ETH_P_8021AD:
		return len(frame) >= 14+4+2
	}
	return true
}
